/** Runs as `tuna report` takes them: `DIR`, `NAME=DIR`, or `NAME=DIR,DIR,DIR` for several seeds of one model. */
import { existsSync } from "node:fs";
import { resolve, sep } from "node:path";
import { UserError } from "../errors.ts";

export interface NamedRun {
  readonly name: string;
  readonly folders: readonly string[];
}

/** Runs without a name get the end of their path that tells them apart. Throws a `UserError` for a name given twice. */
export function namedRuns(texts: readonly string[]): NamedRun[] {
  const parsed = texts.map(parse);
  const unnamed = parsed.flatMap(({ name, folders }) => (name === undefined ? folders : []));
  const runs = parsed.map(({ name, folders }) => ({
    name: name ?? shortName(folders[0]!, unnamed),
    folders,
  }));
  for (const [index, { name }] of runs.entries()) {
    if (runs.findIndex((run) => run.name === name) === index) continue;
    throw new UserError(
      `two runs are named ${JSON.stringify(name)}; give one of them another name: NAME=DIR`,
      {
        code: "report-same-name",
        facts: { name },
      },
    );
  }
  return runs;
}

function parse(text: string): { name: string | undefined; folders: string[] } {
  // A folder's own name may hold "=" and ",".
  if (existsSync(text)) return { name: undefined, folders: [text] };
  const [, name, rest = text] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  const folders = existsSync(rest) ? [rest] : rest.split(",");
  if (name?.trim() === "" || folders.includes("")) throw misspelt(text, "a name or a folder is empty");
  if (name === undefined && folders.length > 1) throw misspelt(text, "several seeds need a name for them");
  const missing = folders.find((folder) => !existsSync(folder));
  if (missing !== undefined) throw misspelt(text, `there is no folder ${missing}`);
  return { name: name?.trim(), folders };
}

function misspelt(text: string, fault: string): UserError {
  return new UserError(
    `${JSON.stringify(text)}: ${fault}; a run is given as DIR, NAME=DIR, or NAME=DIR,DIR for several seeds`,
    { code: "report-wrong-run", facts: { text } },
  );
}

/** As few of the last parts of the path as no other path ends with. */
export function shortName(folder: string, all: readonly string[]): string {
  const paths = all.map((path) => resolve(path).split(sep));
  const own = resolve(folder).split(sep);
  for (let count = 1; count < own.length; count++) {
    const end = own.slice(-count).join("/");
    if (paths.filter((path) => path.slice(-count).join("/") === end).length === 1) return end;
  }
  return folder;
}
