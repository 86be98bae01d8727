/** The two records that everything speaks: an instruction row (Alpaca) and a ranked list. */
import { z } from "zod";
import { rowId } from "./row-id.ts";

/** Several public data sets write null where there is no input. */
const input = z
  .string()
  .nullish()
  .transform((text) => text ?? "");

/** One row of instruction data: an instruction, an optional input, and the original response. */
export const instructionRow = z.looseObject({
  id: rowId.optional(),
  instruction: z.string(),
  input,
  output: z.string(),
});
export type InstructionRow = z.infer<typeof instructionRow>;

/** One of the N responses to an instruction. `logprob` is the sum over its `numTokens` tokens, in nats. */
export const rankedResponse = z.looseObject({
  text: z.string(),
  logprob: z.number().optional(),
  numTokens: z.number().int().nonnegative().optional(),
  score: z.number().optional(),
  /** 0 is best; ties share a rank; an unranked response carries none. */
  rank: z.number().int().nonnegative().optional(),
  source: z.string().optional(),
});
export type RankedResponse = z.infer<typeof rankedResponse>;

/** An instruction with its original response and N others, ranked or still to be ranked. */
export const rankedList = z.looseObject({
  id: rowId,
  instruction: z.string(),
  input,
  /** The original response r of Eq. 6; absent where the data never had one. */
  original: z.string().optional(),
  /** The whole prompt, where the data came with it: training takes it as it is, whatever the template. */
  prompt: z.string().optional(),
  responses: z.array(rankedResponse),
  /** How the ranks came about: method, its settings, and everything that was paid for. */
  ranking: z.looseObject({ method: z.string() }).optional(),
});
export type RankedList = z.infer<typeof rankedList>;
