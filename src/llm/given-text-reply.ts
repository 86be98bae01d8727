/** How a server is asked for the log-probabilities of a text that is there already, in one of two ways, and how it replies. */
import { z } from "zod";
import { scoreGiven, tokenEnds } from "./given-text.ts";
import type { GivenText, TextScore } from "./model-server.ts";
import { parseReply } from "./parse-reply.ts";
import { isStatusError } from "./request-failure.ts";
import { openAIUsage } from "./token-counts.ts";

/** OpenAI's, in which the completion repeats its prompt; and vLLM's own. */
export type GivenTextWay = "echo" | "prompt_logprobs";

/** What each way adds to the body of a completion. */
export const ASKING = {
  echo: { echo: true, logprobs: 1 },
  prompt_logprobs: { prompt_logprobs: 1 },
} as const satisfies Record<GivenTextWay, object>;

/** As OpenAI words it: "Setting 'echo' and 'logprobs' at the same time is not supported for this model." */
export function refusesEcho(error: unknown): boolean {
  return isStatusError(error) && error.status < 500 && /\becho\b/i.test(error.message);
}

const tokenLogprob = z.number().nullish();
const replyWith = <Choice extends z.ZodType>(choice: Choice) =>
  z.looseObject({ choices: z.array(choice).min(1), usage: openAIUsage });

const echoReply = replyWith(
  z.looseObject({
    text: z.string(),
    logprobs: z
      .looseObject({
        tokens: z.array(z.string().nullable()).nullish().catch(null),
        token_logprobs: z.array(tokenLogprob).nullish(),
      })
      .nullish(),
  }),
);
/** By the token's id. */
const candidates = z.record(
  z.string(),
  z.looseObject({
    logprob: tokenLogprob,
    rank: z.number().nullish(),
    decoded_token: z.string().nullish(),
  }),
);
const promptReply = replyWith(
  z.looseObject({ text: z.string(), prompt_logprobs: z.array(candidates.nullable()).nullish() }),
);

export function readGivenScore(
  body: string,
  { way, given }: { way: GivenTextWay; given: GivenText },
): Omit<TextScore, "attempt"> {
  const { usage, scored } = way === "echo" ? readEcho(body) : readPromptLogprobs(body, given);
  return { ...scoreGiven(scored, given), ...(usage && { usage }) };
}

function readEcho(body: string) {
  const { choices, usage } = parseReply(echoReply, body);
  const { tokens, token_logprobs: logprobs } = choices[0]!.logprobs ?? {};
  return { usage, scored: { tokens: tokens ?? [], logprobs: logprobs ?? [] } };
}

function readPromptLogprobs(body: string, { prompt, response }: GivenText) {
  const { choices, usage } = parseReply(promptReply, body);
  const { text, prompt_logprobs: entries } = choices[0]!;
  const [, ...known] = (entries ?? []).map(ownToken);
  const texts = known.map((token) => token?.decoded_token).filter((token) => typeof token === "string");
  const rest = [...texts, text];
  const isWhole = known.length > 0 && texts.length === known.length;
  const first = isWhole ? firstToken(rest, prompt + response) : undefined;
  const tokens = first === undefined ? [] : [first, ...rest];
  return { usage, scored: { tokens, logprobs: [null, ...known.map((token) => token?.logprob)] } };
}

type Candidates = z.infer<typeof candidates>;

/** Beside the prompt's own token there is the likeliest one, where that is another: its rank is lower. */
function ownToken(entry: Candidates | null): Candidates[string] | undefined {
  const all = Object.values(entry ?? {});
  if (all.length <= 1) return all[0];
  const lastRank = Math.max(...all.map(({ rank }) => rank ?? NaN));
  const last = all.filter(({ rank }) => rank === lastRank);
  return last.length === 1 ? last[0] : undefined;
}

/** In characters. Vocabularies hold long runs of spaces. */
const LONGEST_TOKEN = 256;

/** The text's first token has no probability, so the reply leaves it out: it is what is before the others. */
function firstToken(rest: readonly string[], whole: string): string | undefined {
  for (let length = 0; length <= Math.min(whole.length, LONGEST_TOKEN); length++) {
    const first = whole.slice(0, length);
    // All but the generated one.
    if (tokenEnds([first, ...rest], whole)?.length === rest.length) return first;
  }
  return undefined;
}
