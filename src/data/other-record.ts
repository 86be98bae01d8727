/** One of our two records as the other. */
import { RowFault } from "./formats/format.ts";
import { bestFirst } from "./formats/preference-pairs.ts";
import type { InstructionRow, RankedList } from "./record.ts";

/** Which responses of a list become rows of instruction data; `all`: the original and every other. */
export const OUTPUTS = ["original", "best", "all"] as const;
export type Outputs = (typeof OUTPUTS)[number];

/** A list that has only its original response yet. */
export function listOf({ id, output, ...rest }: InstructionRow): RankedList {
  return { id: id!, ...rest, original: output, responses: [] };
}

/** Throws a `RowFault` where the list has no such response. */
export function instructionsOf(list: RankedList, outputs: Outputs): InstructionRow[] {
  const { id, original, responses, ranking: _1, sampling: _2, prompt: _3, ...rest } = list;
  const texts = responses.map(({ text }) => text);
  if (outputs === "all") {
    const all = original === undefined ? texts : [original, ...texts];
    return all.map((output, index) => ({ id: `${id}/${index}`, ...rest, output }));
  }
  const output = outputs === "original" ? original : bestFirst(responses)[0]?.text;
  if (output !== undefined) return [{ id, ...rest, output }];
  throw new RowFault(
    outputs === "original" ? "original" : "responses",
    outputs === "original"
      ? "is missing; to take responses of the list instead: --outputs best or all"
      : "none has a rank, so that none is the best",
  );
}
