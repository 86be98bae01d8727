/** A text that is there already, and its tokens with log-probabilities: which are the response's, and what they sum to. */
import type { GivenText, TextScore } from "./model-server.ts";
import { sumTokenLogprobs } from "./token-logprobs.ts";

/** The tokens of prompt and response, and behind them what the server generated. */
export interface ScoredTokens {
  tokens: readonly (string | null)[];
  logprobs: readonly (number | null | undefined)[];
}

export function scoreGiven(
  { tokens, logprobs }: ScoredTokens,
  { prompt, response }: GivenText,
): Pick<TextScore, "logprob" | "numTokens" | "problem"> {
  if (tokens.length === 0) return { problem: "the reply holds no token log-probabilities of the given text" };
  const ends = tokenEnds(tokens, prompt + response);
  if (ends === undefined) {
    return { problem: `its ${tokens.length} tokens with log-probabilities are not those of the given text` };
  }
  let first = ends.findIndex((end) => end > prompt.length);
  // Servers show the first parts of a character as nothing, and the character with its last part.
  while (first > 0 && tokens[first - 1] === "") first--;
  if (
    ends[first] === ends[first + 1] &&
    tokens[first]!.includes(PART) &&
    prompt.length > (ends[first - 1] ?? 0)
  ) {
    return { problem: "its tokens do not tell where the response begins" };
  }
  const own = logprobs.slice(first, ends.length).map((logprob) => logprob ?? null);
  return sumTokenLogprobs(own, response);
}

/** A part of a character. */
const PART = "\uFFFD";
/** The begin token, which no text holds. */
const SPECIAL = /^<[^<>\s]+>$/;

/**
 * Where each token ends in the whole text, up to the one that ends it; undefined where they are of another text. A token that
 * holds the last of the prompt and the first of the response so counts with the response, as where we tokenise both together.
 */
export function tokenEnds(tokens: readonly (string | null)[], whole: string): number[] | undefined {
  const ends: number[] = [];
  let [at, parts] = [0, 0];
  for (const [index, token] of tokens.entries()) {
    const text = at === 0 ? atStart(token ?? "", whole) : withSpaces(token ?? "");
    if (text.includes(PART)) {
      parts++;
      continue;
    }
    const found = parts > 0 ? whole.indexOf(text, at) : whole.startsWith(text, at) ? at : -1;
    // What follows parts at the end of the text is the token that the server had to generate.
    const place = found < 0 && parts > 0 && index === tokens.length - 1 ? whole.length : found;
    if (place < 0) return undefined;
    ends.push(...Array<number>(parts).fill(place));
    if (place === whole.length && found < 0) return ends;
    at = place + text.length;
    parts = 0;
    ends.push(at);
    if (at === whole.length) return ends;
  }
  return undefined;
}

function withSpaces(token: string): string {
  return token.replaceAll("\u2581", " ");
}

/** SentencePiece puts a space before the first word. */
function atStart(token: string, whole: string): string {
  const text = withSpaces(token);
  if (whole.startsWith(text)) return text;
  return SPECIAL.test(text) ? "" : text.replace(/^ /, "");
}
