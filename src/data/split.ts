/** Parts of a data set that share no instruction. */
import { UserError } from "../errors.ts";
import { randomStream } from "../random.ts";

export interface Part {
  readonly name: string;
  /** Of all rows; the shares sum to 1. */
  readonly share: number;
}

/** `train=0.9`, `test=0.1`. Throws a `UserError` for anything else, and where the shares do not sum to 1. */
export function parseParts(texts: readonly string[]): Part[] {
  const parts = texts.map((text) => {
    const [, name, share] = /^([A-Za-z0-9][\w.-]*)=(0?\.\d+|1|0|0\.0+)$/.exec(text) ?? [];
    if (name === undefined)
      throw wrongParts(`${JSON.stringify(text)} is not NAME=SHARE with a share from 0 to 1`);
    return { name, share: Number(share) };
  });
  const sum = parts.reduce((total, { share }) => total + share, 0);
  if (Math.abs(sum - 1) > 1e-9) throw wrongParts(`the shares sum to ${Number(sum.toFixed(9))}, not to 1`);
  if (new Set(parts.map(({ name }) => name)).size < parts.length) throw wrongParts("two have the same name");
  return parts;
}

/**
 * The part of each instruction, from its number of rows by key: instructions in a seeded order fill the parts one after
 * another. An instruction lies in the part that its middle falls into, so that no part is off by more than one instruction.
 */
export function assignParts(
  rowsByKey: ReadonlyMap<string, number>,
  parts: readonly Part[],
  seed: number,
): Map<string, string> {
  const total = [...rowsByKey.values()].reduce((sum, rows) => sum + rows, 0);
  // Sorted first, so that the order in the file does not matter.
  const keys = randomStream(seed, "data-split").shuffle([...rowsByKey.keys()].toSorted());
  const ends = parts.map(
    (_, at) => parts.slice(0, at + 1).reduce((sum, { share }) => sum + share, 0) * total,
  );
  const assigned = new Map<string, string>();
  let before = 0;
  for (const key of keys) {
    const rows = rowsByKey.get(key)!;
    const middle = before + rows / 2;
    const at = ends.findIndex((end) => middle < end);
    assigned.set(key, parts[at === -1 ? parts.length - 1 : at]!.name);
    before += rows;
  }
  return assigned;
}

function wrongParts(reason: string): UserError {
  return new UserError(`--parts: ${reason}. Expected is, for instance: --parts train=0.9 test=0.1`, {
    code: "split-parts-invalid",
  });
}
