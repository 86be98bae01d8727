/** Finds out whether outputs can be written before the work that would be lost, rather than after it. */
import { closeSync, existsSync, mkdirSync, openSync, rmSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { UserError } from "../errors.ts";
import { refuseSameFile } from "./refuse-same-file.ts";

type Paths = Readonly<Record<string, string | undefined>>;

/** Files by the flags that name them; unset ones are skipped. Throws a `UserError` for an output that cannot be written. */
export function checkOutputs(outputs: Paths, inputs: Paths): void {
  refuseSameFile(outputs, inputs);
  for (const path of Object.values(outputs)) if (path !== undefined) prepareFile(path);
}

function prepareFile(path: string): void {
  const found = existsSync(path) ? statSync(path) : undefined;
  if (found?.isDirectory())
    throw new UserError(`${path} is a folder; name the file to write.`, { code: "output-is-folder" });
  // A device or a pipe, such as /dev/stdout.
  if (found !== undefined && !found.isFile()) return;
  makeFolder(dirname(path));
  const probe = `${path}.${process.pid}.tmp`;
  tryToWrite(path, () => closeSync(openSync(probe, "wx")));
  rmSync(probe);
}

/** Step by step: below /proc, Node's own recursive making does not end. */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  for (let folder = resolve(path); !existsSync(folder); folder = dirname(folder)) missing.push(folder);
  for (const folder of missing.toReversed()) tryToWrite(path, () => makeIfMissing(folder));
  if (!statSync(path).isDirectory()) throw unwritable(path, new Error("it is a file"));
}

function makeIfMissing(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have made it at the same moment: to look before would leave a gap.
    if (!existsSync(folder)) throw error;
  }
}

/** System errors in words of the output. */
export function tryToWrite<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw unwritable(path, cause as Error);
  }
}

function unwritable(path: string, cause: Error): UserError {
  return new UserError(`${path} cannot be written: ${cause.message}. Choose another path.`, {
    code: "output-unwritable",
    facts: { path },
    cause,
  });
}
