/** A judge on loopback that fails often, and that counts tokens as four characters each. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { listenOnLoopback } from "./loopback.ts";
import { type RandomStream, randomStream } from "../src/random.ts";

export interface FaultyJudge {
  baseUrl: string;
  readonly received: number;
  /** By prompt: how often it was answered in full. */
  readonly answered: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

export interface FaultyJudgeOptions {
  latencyMs: number;
  /** Default 0.2. */
  faultShare?: number;
}

export async function startFaultyJudge({
  latencyMs,
  faultShare = 0.2,
}: FaultyJudgeOptions): Promise<FaultyJudge> {
  const random = randomStream("faulty-judge");
  const state = { received: 0, answered: new Map<string, number>() };
  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    state.received++;
    const { messages } = JSON.parse(Buffer.concat(chunks).toString()) as { messages: { content: string }[] };
    const isFault = random.float() < faultShare;
    setTimeout(
      () => {
        if (isFault) return fail(response, random);
        const prompt = messages.map(({ content }) => content).join("");
        state.answered.set(prompt, (state.answered.get(prompt) ?? 0) + 1);
        send(response, 200, completion(prompt));
      },
      latencyMs * (0.5 + random.float()),
    );
  };
  return Object.assign(
    state,
    await listenOnLoopback((incoming, response) => void answer(incoming, response).catch(() => {})),
  );
}

function fail(response: ServerResponse, random: RandomStream): void {
  const faults = [
    () => send(response, 429, error("slow down"), { "retry-after-ms": "20" }),
    () => send(response, 500, error("a fault of the server")),
    () => response.destroy(),
    () => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
      response.write('{"choices":[{"message":');
      setTimeout(() => response.destroy(), 5);
    },
  ];
  faults[Math.floor(random.float() * faults.length)]!();
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

const error = (message: string): unknown => ({ error: { message, type: "injected", code: null } });
const tokens = (text: string): number => Math.ceil(text.length / 4);

/** The longest response stands in for the judge's own reference. */
function completion(prompt: string): unknown {
  const responses = [...prompt.matchAll(/###Response \d+:\n([^]*?)(?=\n\n)/g)].map(([, text]) => text!);
  const reference = responses.toSorted((a, b) => b.length - a.length)[0]!;
  const labels = [...responses.keys(), responses.length];
  const lines = labels.map((label) => `Response ${label}: ${3 + label}`);
  const content =
    `This instruction requires an open-ended response.\n\n###Response ${responses.length}:\n${reference}\n\n` +
    `${lines.join("\n")}\n\nrank: [${labels.toReversed().join(", ")}]`;
  const [promptTokens, completionTokens] = [tokens(prompt), tokens(content)];
  return {
    object: "chat.completion",
    model: "gpt-4",
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content } }],
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
    },
  };
}
