/** What a server says that a request took. Money is counted by it, so what cannot be a number of tokens counts as not told. */
import { z } from "zod";

export const tokenCount = z.number().int().nonnegative();

export const openAIUsage = z
  .looseObject({ prompt_tokens: tokenCount, completion_tokens: tokenCount.default(0) })
  .transform((counts) => ({
    promptTokens: counts.prompt_tokens,
    completionTokens: counts.completion_tokens,
  }))
  .nullish()
  .catch(null);
