/**
 * The released data of probabilistic ranking (microsoft/LMOps): the Alpaca row under `orig`, and the teacher's responses
 * with their log-probabilities as lists of equal length. They are not ranked yet.
 */
import { z } from "zod";
import { instructionRow } from "../record.ts";
import { type ListFormat, RowFault, idOf } from "./format.ts";
import { optionalId, withFaults } from "./schema.ts";

const row = z
  .strictObject({
    id: optionalId,
    orig: instructionRow,
    text: z.array(z.string()),
    avg_token_prob: z.array(z.number()).optional(),
    length: z.array(z.number().int().nonnegative()),
    logprob: z.array(z.number()),
  })
  .superRefine(({ text, avg_token_prob, length, logprob }, context) => {
    for (const [key, values] of Object.entries({ avg_token_prob, length, logprob })) {
      if (values === undefined || values.length === text.length) continue;
      const message = `expected ${text.length} values, as text has, found ${values.length}`;
      context.addIssue({ code: "custom", message, path: [key] });
    }
  });

export const lmopsProbabilistic: ListFormat = {
  name: "lmops-probabilistic",
  keys: "orig: {instruction, input, output}, text: [], avg_token_prob: [], length: [], logprob: []",
  holds: "lists",
  recognizes: (values) => "orig" in values,
  structured: ["orig", "text", "avg_token_prob", "length", "logprob"],
  texts: [],
  row: withFaults(row, ({ id, orig, text, avg_token_prob, length, logprob }) => {
    const { id: ownId, output, ...rest } = orig;
    return {
      id: id ?? ownId,
      ...rest,
      original: output,
      responses: text.map((each, index) => ({
        text: each,
        logprob: logprob[index]!,
        numTokens: length[index]!,
        ...(avg_token_prob !== undefined && { meanLogprob: avg_token_prob[index]! }),
      })),
    };
  }),
  write(list, index) {
    const { id, original, responses, ranking: _1, prompt: _2, ...rest } = list;
    const logprobs = responses.map(({ logprob }, at) => required(logprob, `responses.${at}.logprob`));
    const lengths = responses.map(({ numTokens }, at) => required(numTokens, `responses.${at}.numTokens`));
    const means = responses.map(({ meanLogprob }, at) =>
      typeof meanLogprob === "number" ? meanLogprob : logprobs[at]! / Math.max(1, lengths[at]!),
    );
    return [
      {
        ...idOf(id, index),
        orig: { ...rest, output: required(original, "original") },
        text: responses.map(({ text }) => text),
        avg_token_prob: means,
        length: lengths,
        logprob: logprobs,
      },
    ];
  },
};

function required<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw new RowFault(field, "is missing, and rows of lmops-probabilistic have one");
  return value;
}
