/** Refuses an output that is one of the inputs: writing it would destroy what it is made from. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../errors.ts";

/**
 * Both by the flags that name them; unset ones are skipped. The file counts, not the spelling of its path: links are
 * followed. A folder stands for the files in it.
 */
export function refuseSameFile(
  outputs: Readonly<Record<string, string | undefined>>,
  inputs: Readonly<Record<string, string | undefined>>,
): void {
  for (const [outFlag, out] of Object.entries(outputs)) {
    const written = out === undefined ? undefined : identityOf(out);
    if (written === undefined) continue;
    const flag = Object.keys(inputs).find((name) => filesOf(inputs[name]).includes(written));
    if (flag === undefined) continue;
    throw new UserError(
      `${outFlag} ${out} is the file that ${flag} ${inputs[flag]} reads. Name another file to write.`,
      { code: "output-is-input", facts: { out, input: inputs[flag] } },
    );
  }
}

function filesOf(path: string | undefined): (string | undefined)[] {
  if (path === undefined || !existsSync(path)) return [];
  const inside = statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [];
  return [path, ...inside].map(identityOf);
}

/** Equal for all names of a file; undefined where there is none yet, and for devices, which may be read and written. */
function identityOf(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const found = statSync(path, { bigint: true });
  return found.isFile() ? `${found.dev} ${found.ino}` : undefined;
}
