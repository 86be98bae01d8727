/** What a file of rows was made from: a record beside the finished file, and its comparison with what is wanted now. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { contentHash } from "./hash.ts";
import { parseRows } from "./torn-line.ts";

/** Settings by name, and the content hashes of inputs. */
export type MadeFrom = Readonly<Record<string, unknown>>;

export interface FileRecord {
  readonly madeFrom: MadeFrom;
  /** Of the finished file. */
  readonly sha256: string;
}

export function recordPath(out: string): string {
  return `${out}.made-from.json`;
}

/** Undefined where there is none, or a damaged one. */
export function readFileRecord(out: string): FileRecord | undefined {
  const path = recordPath(out);
  if (!existsSync(path)) return undefined;
  return parseRows<FileRecord | null>([readFileSync(path)])[0] ?? undefined;
}

export async function writeFileRecord(out: string, madeFrom: MadeFrom): Promise<void> {
  const record: FileRecord = { madeFrom, sha256: await contentHash(out) };
  writeFileSync(recordPath(out), `${JSON.stringify(record, null, 2)}\n`);
}

/** What differs, in words: what is known of the rows that are there, and what is wanted now. */
export function describeChanges(known: object | undefined, wanted: MadeFrom): string[] {
  const before = new Map<string, unknown>(Object.entries(known ?? {}));
  const after = new Map<string, unknown>(Object.entries(wanted));
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((name) => ({ name, was: before.get(name), is: after.get(name) }))
    .filter(({ was, is }) => JSON.stringify(was) !== JSON.stringify(is))
    .map(({ name, was, is }) =>
      isHash(was) && isHash(is)
        ? `the ${name}${name.endsWith("s") ? "'" : "'s"} content changed`
        : `${name} ${inWords(was)}, now ${inWords(is)}`,
    );
}

function inWords(value: unknown): string {
  if (value === undefined) return "none";
  if (isHash(value)) return "given";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function isHash(value: unknown): boolean {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}
