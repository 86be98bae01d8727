/** A local model folder that answers as a server does, with its own chat template. What is asked at the same time runs as one batch. */
import { UserError } from "../errors.ts";
import { type Generation, Generator } from "../generate/generator.ts";
import type { Completion, CompletionOptions, CompletionRequest, ModelServer } from "../llm/index.ts";
import { chatTemplateOf, loadModel, withTemplate } from "../model/index.ts";
import { contentHash } from "./hash.ts";
import { LOCAL } from "./local-reference.ts";
import { modelName } from "./model-folder.ts";

export interface LocalServer extends ModelServer {
  close(): Promise<void>;
}

/** What a reply may be where its request sets no limit. */
const DEFAULT_MAX_TOKENS = 1024;

interface Waiting {
  request: CompletionRequest;
  prompt: string;
  n: number;
  signal: AbortSignal | undefined;
  settle: (outcome: Promise<readonly Generation[]>) => void;
}

export async function openLocalServer(path: string): Promise<LocalServer> {
  const { model } = withTemplate(loadModel(path), "chat", { path });
  const chat = chatTemplateOf(model.tokenizer.files, { path });
  const generator = await Generator.open(model);
  // The journal knows it by what it holds: another model may come into the same folder.
  const identity = {
    baseUrl: `${LOCAL}${await contentHash(path)}`,
    model: modelName(path),
    api: "chat",
  } as const;
  const ask = batched(generator);

  const complete = async (request: CompletionRequest, options: CompletionOptions): Promise<Completion> => {
    const { n, signal, onAttempt } = options;
    signal?.throwIfAborted();
    const prompt = chat.render(request.messages, { asksForAnswer: true });
    const promptTokens = model.tokenizer.encode(prompt).length;
    if (promptTokens >= model.config.maxPositions)
      throw tooLong(path, promptTokens, model.config.maxPositions);
    await onAttempt?.(1);
    const generations = await ask({ request, prompt, n, signal });
    const completionTokens = generations.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0);
    return {
      choices: generations.map((generation) => toChoice(generation, request)),
      usage: { promptTokens, completionTokens },
      attempt: 1,
    };
  };
  return { identity, complete, close: () => generator.close() };
}

/** While one batch runs, the next one gathers. */
function batched(generator: Generator): (asked: Omit<Waiting, "settle">) => Promise<readonly Generation[]> {
  let waiting: Waiting[] = [];
  let last: Promise<void> = Promise.resolve();
  const runAll = async (): Promise<void> => {
    const all = waiting;
    waiting = [];
    for (const group of groupsOf(all)) {
      const outcome = generate(generator, group);
      group.forEach(({ settle }, index) => settle(outcome.then((results) => results[index]!)));
      await outcome.catch(() => {});
    }
  };
  return (asked) =>
    new Promise((resolve) => {
      waiting.push({ ...asked, settle: resolve });
      if (waiting.length === 1) last = last.then(runAll);
    });
}

/** Those of equal limits, which a batch has in common. */
function groupsOf(all: readonly Waiting[]): Waiting[][] {
  const groups = new Map<string, Waiting[]>();
  for (const each of all) {
    const { topP, maxTokens, stop, seed } = each.request;
    const limits = JSON.stringify([topP, maxTokens, stop, seed]);
    groups.set(limits, [...(groups.get(limits) ?? []), each]);
  }
  return [...groups.values()];
}

function generate(generator: Generator, group: readonly Waiting[]): Promise<Generation[][]> {
  const { request, signal } = group[0]!;
  const { topP = 1, maxTokens = DEFAULT_MAX_TOKENS, stop = [], seed = 0 } = request;
  const requests = group.map(({ request: { temperature }, prompt, n }) => ({
    key: prompt,
    prompt,
    count: n,
    temperature,
  }));
  const options = { topP, topK: 0, maxTokens, seed, stop, ...(signal && { signal }) };
  return generator.generate(requests, options);
}

function toChoice(
  { text, tokenLogprobs, finish }: Generation,
  { logprobs }: CompletionRequest,
): Completion["choices"][number] {
  const finishReason = finish === "length" ? "length" : "stop";
  if (!logprobs) return { text, finishReason };
  const logprob = tokenLogprobs.reduce((sum, value) => sum + value, 0);
  return { text, finishReason, logprob, numTokens: tokenLogprobs.length };
}

function tooLong(path: string, tokens: number, window: number): UserError {
  return new UserError(
    `${path}: prompt refused: it has ${tokens} tokens, and the model's window is ${window}. Shorten this prompt, or drop its row.`,
    { code: "prompt-refused", facts: { tokens, window } },
  );
}
