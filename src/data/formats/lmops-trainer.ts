/**
 * The input of the authors' trainer (microsoft/LMOps, tuna/src/train_tuna.py), `*.w_orig_alpaca.json` among it:
 * `instruction` is the whole prompt, and every `output` has a `score`, the higher the better. Rows may differ in their
 * number of outputs.
 */
import { z } from "zod";
import type { RankedResponse } from "../record.ts";
import { partsOfAlpacaPrompt } from "./alpaca-prompt.ts";
import { type ListFormat, RowFault } from "./format.ts";
import { rowId } from "../row-id.ts";
import { withFaults } from "./schema.ts";

const row = z
  .looseObject({
    id: rowId,
    instruction: z.string(),
    output: z.array(z.string()),
    score: z.array(z.number()),
  })
  .refine(({ output, score }) => output.length === score.length, {
    error: "output and score must be equally long",
  });

export const lmopsTrainer: ListFormat = {
  name: "lmops-trainer",
  keys: "id, instruction (the whole prompt), output: [], score: []",
  holds: "lists",
  // Alpaca rows may have a score too, of their one output.
  recognizes: ({ output, score }) =>
    Array.isArray(output) ? score !== undefined : isList(output) && isList(score),
  structured: ["output", "score"],
  texts: ["instruction"],
  row: withFaults(row, ({ instruction: prompt, output, score, ...rest }) => ({
    ...rest,
    ...(partsOfAlpacaPrompt(prompt) ?? { instruction: prompt, input: "" }),
    prompt,
    responses: output.map((text, index) => {
      const better = score.filter((other) => other > score[index]!).length;
      return { text, score: score[index]!, rank: better };
    }),
  })),
  write(list, _index, style) {
    const { id, instruction, input, prompt, original: _1, responses, ranking: _2, ...rest } = list;
    const ranked = responses.filter(({ rank }) => rank !== undefined);
    if (ranked.length === 0)
      throw new RowFault("responses", "none has a rank, and rows of lmops-trainer have scores");
    return [
      {
        ...rest,
        id,
        instruction: prompt ?? style.promptOf({ instruction, input }),
        output: ranked.map(({ text }) => text),
        score: scoresOf(ranked),
      },
    ];
  },
};

/** As a cell of CSV. */
function isList(value: unknown): boolean {
  return typeof value === "string" && value.startsWith("[");
}

/** The list's own scores where they order it as its ranks do; otherwise the negative ranks. */
function scoresOf(ranked: readonly RankedResponse[]): number[] {
  const agree = ranked.every(({ score, rank }) => {
    const better = ranked.filter((other) => other.score! > score!).length;
    return score !== undefined && better === ranked.filter((other) => other.rank! < rank!).length;
  });
  return ranked.map(({ score, rank }) => (agree ? score! : 0 - rank!));
}
