/** What a server can do, found out by asking it: a handful of short requests. */
import { z } from "zod";
import { UserError } from "../errors.ts";
import type { Usage } from "./chat-model.ts";
import type { Completion, CompletionRequest, ModelServer } from "./model-server.ts";

export interface Finding {
  ok: boolean;
  /** What is wrong, or what it means. */
  note?: string | undefined;
}

export const CAPABILITIES = {
  sampledLogprobs: "log-probabilities of what it samples (a teacher)",
  givenLogprobs: "log-probabilities of a given text (tuna score)",
  many: "several samples in one request (n)",
  temperatureZero: "the same reply twice at temperature 0 (a judge)",
  seed: "the same sample twice with one seed",
  schema: "replies held to a JSON schema (tuna rank contextual --output structured)",
} as const;
export type Capability = keyof typeof CAPABILITIES;

export interface ProbeResult {
  findings: Record<Capability, Finding>;
  requests: number;
  /** Of all requests together, as far as the server tells. */
  usage: Usage;
}

const MESSAGES = [{ role: "user", content: "Write one sentence about a fish." }] as const;
const GIVEN = { prompt: "The sky is", response: " blue today" };
/** No answer to the question: a server that ignores it gives itself away. */
const FORM = z.strictObject({ fish: z.enum(["yes", "no"]) });
const MAX_TOKENS = 24;

/** Throws where the server does not answer at all. What it refuses is a finding. */
export async function probeServer(
  server: ModelServer,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<ProbeResult> {
  const usage: Usage = { promptTokens: 0, completionTokens: 0 };
  let requests = 0;
  const onAttempt = async (): Promise<void> => void requests++;
  const count = <Reply extends { usage?: Usage | undefined }>(reply: Reply): Reply => {
    usage.promptTokens += reply.usage?.promptTokens ?? 0;
    usage.completionTokens += reply.usage?.completionTokens ?? 0;
    return reply;
  };
  const ask = async (more: Partial<CompletionRequest>, n = 1): Promise<Completion> => {
    const request = { messages: MESSAGES, temperature: 1, maxTokens: MAX_TOKENS, logprobs: false, ...more };
    return count(await server.complete(request, { n, signal, onAttempt }));
  };

  const schema = { name: "probe", schema: z.toJSONSchema(FORM) };

  // First what every server can do: one that is not there, or refuses the key, ends the probe here.
  const judged = [await ask({ temperature: 0 }), await ask({ temperature: 0 })];
  const findings = {
    sampledLogprobs: await finding(async () =>
      problemOf((await ask({ logprobs: true })).choices[0]!.problem),
    ),
    givenLogprobs: await finding(async () => {
      if (server.scoreText === undefined) return { ok: false, note: "its API has no way to ask for them" };
      return problemOf(count(await server.scoreText(GIVEN, { signal, onAttempt })).problem);
    }),
    many: await finding(async () => {
      const { length } = (await ask({}, 2)).choices;
      return length === 2
        ? { ok: true }
        : { ok: false, note: "it gives one at a time, so each is asked for" };
    }),
    temperatureZero: sameTexts(judged),
    seed: await finding(async () => sameTexts([await ask({ seed: 7 }), await ask({ seed: 7 })])),
    schema: await finding(async () => heldToSchema(await ask({ schema, temperature: 0 }))),
  };
  return { findings, requests, usage };
}

async function finding(find: () => Promise<Finding>): Promise<Finding> {
  try {
    return await find();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { ok: false, note: error.message };
  }
}

function problemOf(problem: string | undefined): Finding {
  return problem === undefined ? { ok: true } : { ok: false, note: problem };
}

function sameTexts(completions: readonly Completion[]): Finding {
  const [one, other] = completions.map(({ choices }) => choices[0]!.text);
  return one === other ? { ok: true } : { ok: false, note: "two replies differ" };
}

function heldToSchema({ choices, heldToSchema: wasAsked }: Completion): Finding {
  if (wasAsked !== true) return { ok: false, note: "it takes none; the prompt asks for JSON all the same" };
  if (FORM.safeParse(parsed(choices[0]!.text)).success) return { ok: true };
  return { ok: false, note: "it takes one, and its reply did not fit it" };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
