/** Sums a response's token log-probabilities, or says why they are unusable: never a zero instead. */

export type LogprobSum = { logprob: number; numTokens: number } | { problem: string };

/** Servers round: a sure token may come out a hair above zero. */
const ROUNDING = 1e-6;
/** What OpenAI and vLLM write for "too unlikely to report". A sum over it would mean nothing. */
const UNREPORTED = -9999;
/** So many tokens in a row are never all certain: the server has no log-probabilities and says zero. */
const TOO_SURE = 8;

/** Whether the next reply may be better: what is wrong is a number in this one, or its text, and not what the server gives. */
export function isOfOneReply(problem: string): boolean {
  return /^token \d+ has|belong to another text/.test(problem);
}

export function sumTokenLogprobs(
  tokens: readonly (number | null)[] | null | undefined,
  text: string,
): LogprobSum {
  if (tokens === null || tokens === undefined)
    return { problem: "the reply holds no token log-probabilities" };
  if (tokens.length === 0 && text !== "") return { problem: "the list of token log-probabilities is empty" };
  let logprob = 0;
  for (const [position, token] of tokens.entries()) {
    if (token === null || !Number.isFinite(token))
      return { problem: `token ${position} has the log-probability ${token}` };
    if (token > ROUNDING)
      return { problem: `token ${position} has the log-probability ${token}, above zero` };
    if (token <= UNREPORTED)
      return { problem: `token ${position} has ${token}, the mark for "not reported"` };
    logprob += Math.min(token, 0);
  }
  if (logprob === 0 && tokens.length >= TOO_SURE)
    return { problem: `all ${tokens.length} tokens have the log-probability 0, which none of them can have` };
  return { logprob, numTokens: tokens.length };
}
