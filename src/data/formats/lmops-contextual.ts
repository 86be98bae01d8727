/**
 * The released data of contextual ranking (microsoft/LMOps): four responses, the judge's reply and its ranking, in `rank`
 * as its README has it or `ranks` as its code writes it. Index N in the ranking is the judge's own reference, and
 * duplicates are missing from it.
 */
import { z } from "zod";
import { partsOfAlpacaPrompt } from "./alpaca-prompt.ts";
import { type ListFormat, RowFault, idOf } from "./format.ts";
import { optionalId, withFaults } from "./schema.ts";

const order = z.array(z.number().int().nonnegative());

const row = z.looseObject({
  id: optionalId,
  instruct: z.string(),
  generation: z.array(z.string()),
  rank: order.optional(),
  ranks: order.optional(),
  prompt: z.string().optional(),
  gpt_eval: z.string().optional(),
  rank_str: z.string().optional(),
  response_4: z.string().optional(),
});

/** How `ranking` names what the row says about the judge. */
const JUDGE_KEYS = {
  prompt: "judgePrompt",
  gpt_eval: "reply",
  rank_str: "rankText",
  response_4: "reference",
} as const;

export const lmopsContextual: ListFormat = {
  name: "lmops-contextual",
  keys: "prompt, instruct, generation: [], id, gpt_eval, rank_str, rank or ranks: [], response_4",
  holds: "lists",
  recognizes: (values) => "generation" in values,
  structured: ["generation", "rank", "ranks"],
  texts: ["instruct"],
  row: withFaults(row, ({ id, instruct, generation, rank, ranks, ...rest }) => {
    const key = rank === undefined ? "ranks" : "rank";
    const ranking = rank ?? ranks;
    if (ranking === undefined) throw new RowFault("rank", "expected the judge's ranking in rank or ranks");
    const positions = positionsIn(ranking, generation.length, key);
    const { prompt, gpt_eval, rank_str, response_4, ...extras } = rest;
    const judged = { prompt, gpt_eval, rank_str, response_4 };
    return {
      ...extras,
      id,
      ...(partsOfAlpacaPrompt(instruct) ?? { instruction: instruct, input: "" }),
      responses: generation.map((text, index) => {
        const position = positions.get(index);
        return position === undefined ? { text } : { text, rank: position };
      }),
      ranking: { method: "contextual", order: ranking, ...renamed(judged) },
    };
  }),
  write(list, index, style) {
    const { id, instruction, input, original: _1, responses, ranking, prompt: _2, ...extras } = list;
    const told = Object.entries(JUDGE_KEYS).flatMap(([key, own]) =>
      typeof ranking?.[own] === "string" ? [[key, ranking[own]] as const] : [],
    );
    const written = order.safeParse(ranking?.["order"]).data;
    return [
      {
        ...extras,
        ...idOf(id, index),
        instruct: style.promptOf({ instruction, input }),
        generation: responses.map(({ text }) => text),
        rank: written ?? orderOf(responses),
        ...Object.fromEntries(told),
      },
    ];
  },
};

/** Ranks by response; the reference is left out. */
function positionsIn(ranking: readonly number[], numResponses: number, key: string): Map<number, number> {
  const positions = new Map<number, number>();
  for (const [at, index] of ranking.entries()) {
    if (index > numResponses)
      throw new RowFault(`${key}.${at}`, `there is no response ${index}: the row has ${numResponses}`);
    // The authors' parser takes every number of the reply, also of what the judge says behind its ranking.
    if (ranking.indexOf(index) !== at)
      throw new RowFault(`${key}.${at}`, `response ${index} is ranked twice`);
    if (index < numResponses) positions.set(index, positions.size);
  }
  return positions;
}

function renamed(
  judged: Readonly<Record<keyof typeof JUDGE_KEYS, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(judged).flatMap(([key, value]) =>
      value === undefined ? [] : [[JUDGE_KEYS[key as keyof typeof JUDGE_KEYS], value]],
    ),
  );
}

/** Best first, unranked ones left out. */
function orderOf(responses: readonly { rank?: number | undefined }[]): number[] {
  const ranked = [...responses.entries()].filter(([, { rank }]) => rank !== undefined);
  if (ranked.length === 0)
    throw new RowFault("responses", "none has a rank, and rows of lmops-contextual have a ranking");
  return ranked.toSorted(([, a], [, b]) => a.rank! - b.rank!).map(([index]) => index);
}
