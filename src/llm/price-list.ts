/** Providers' list prices, in dollars for a million tokens, without discounts for caching or batches. */
import type { Price } from "./price.ts";

/** As of when they are known. Providers change them: `--prices FILE` stands above this list. */
export const LIST_PRICES_DATE = "2025-11-01";

const at = (prompt: number, completion: number): Price => ({ prompt, completion });

/** By the host of the provider's API. */
export const LIST_PRICES: Readonly<Record<string, Readonly<Record<string, Price>>>> = {
  "api.openai.com": {
    "gpt-4": at(30, 60),
    "gpt-4-0613": at(30, 60),
    "gpt-4-turbo": at(10, 30),
    "gpt-4o": at(2.5, 10),
    "gpt-4o-2024-05-13": at(5, 15),
    "gpt-4o-mini": at(0.15, 0.6),
    "gpt-4.1": at(2, 8),
    "gpt-4.1-mini": at(0.4, 1.6),
    "gpt-4.1-nano": at(0.1, 0.4),
    "gpt-5": at(1.25, 10),
    "gpt-5-mini": at(0.25, 2),
    "gpt-5-nano": at(0.05, 0.4),
    "gpt-3.5-turbo": at(0.5, 1.5),
    "gpt-3.5-turbo-instruct": at(1.5, 2),
    "davinci-002": at(2, 2),
    "babbage-002": at(0.4, 0.4),
  },
  "api.anthropic.com": {
    "claude-opus-4-1": at(15, 75),
    "claude-sonnet-4": at(3, 15),
    "claude-sonnet-4-5": at(3, 15),
    "claude-haiku-4-5": at(1, 5),
    "claude-3-5-haiku": at(0.8, 4),
  },
};
