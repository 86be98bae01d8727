/** Where samples come from: a local model, or a teacher behind a server. */
import type { InstructionRow, RankedResponse } from "../../data/record.ts";
import type { Draw, DrawRequest, Prompt } from "../../generate/diverse.ts";
import { encodePrompts } from "../../generate/encode-prompts.ts";
import { type Generation, Generator } from "../../generate/generator.ts";
import { connectModel, mapConcurrently, openBatchedModel } from "../../llm/index.ts";
import { type Model, loadModel, promptOf, withTemplate } from "../../model/index.ts";
import { keysOf } from "../key-file.ts";
import { modelName } from "../model-folder.ts";
import { openStageJournal } from "../spending.ts";
import type { Reporter } from "../stage.ts";
import { effectTeller } from "./sample-effect.ts";
import type { SampleSettings } from "./sample-options.ts";

export interface Sampled extends RankedResponse {
  finish: string;
}

export interface SampleSource {
  promptsOf(rows: readonly InstructionRow[]): Prompt[];
  readonly draw: Draw<Sampled>;
  /** Throws a `UserError` where some of what was drawn is not there yet: a batch is under way. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** Throws where a local model cannot continue the prompts of all rows. Nothing else is drawn for. */
export async function openSource(
  rows: readonly InstructionRow[],
  settings: SampleSettings,
  reporter: Reporter,
): Promise<SampleSource> {
  return settings.model === undefined
    ? remoteSource(settings.teacher!, settings, reporter)
    : localSource(settings.model, { rows, settings, reporter });
}

interface LocalSampling {
  readonly rows: readonly InstructionRow[];
  readonly settings: SampleSettings;
  readonly reporter: Reporter;
}

async function localSource(path: string, { rows, settings, reporter }: LocalSampling): Promise<SampleSource> {
  const { model, notes, ...templated } = withTemplate(loadModel(path), settings.template, { path });
  for (const note of notes) reporter.say(`note: ${note}`);
  const promptsOf = (some: readonly InstructionRow[]): Prompt[] => promptsBy(templated.promptOf, some);
  const promptIds = await encodeAll(promptsOf(rows), model, reporter);
  const { topK = 0, topP, maxTokens, seed, weights: precision = "float32", threads, device } = settings;
  const generator = await Generator.open(model, { precision, threads, device });
  const { signal } = reporter;
  const tellEffect = effectTeller(model, { precision, threads, device, say: (note) => reporter.say(note) });
  const source = `model:${modelName(path)}`;
  return {
    promptsOf,
    settle: async () => {},
    close: () => generator.close(),
    async draw(requests, onProgress) {
      const named = requests.map((request) => ({
        ...request,
        prompt: promptIds.get(request.key)!,
        // The trial is part of the key, so that a redraw has a random stream of its own.
        key: `${request.key}, trial ${request.trial}`,
      }));
      const options = { topK, topP, maxTokens, seed, stop: [], signal, onProgress };
      const generations = await generator.generate(named, options);
      await tellEffect(named, generations);
      return generations.map((responses) => responses.map((response) => toResponse(response, source)));
    },
  };
}

function promptsBy(write: (row: InstructionRow) => string, rows: readonly InstructionRow[]): Prompt[] {
  return rows.map((row) => ({ key: row.id!, prompt: write(row) }));
}

/** Once for all trials, and before the first chunk: a prompt that does not fit should not be found hours later. */
async function encodeAll(
  prompts: readonly Prompt[],
  model: Model,
  reporter: Reporter,
): Promise<Map<string, readonly number[]>> {
  const bar = reporter.progress("read prompts", prompts.length);
  try {
    const onProgress = (done: number): void => bar.update(done);
    const encoded = await encodePrompts(prompts, model, { onProgress, signal: reporter.signal });
    return new Map(prompts.map(({ key }, index) => [key, encoded[index]!]));
  } finally {
    bar.done();
  }
}

function toResponse({ text, tokenLogprobs, finish }: Generation, source: string): Sampled {
  const logprob = tokenLogprobs.reduce((sum, value) => sum + value, 0);
  return { text, logprob, numTokens: tokenLogprobs.length, source, finish };
}

async function remoteSource(
  teacher: string,
  settings: SampleSettings,
  reporter: Reporter,
): Promise<SampleSource> {
  const { signal } = reporter;
  const { api, maxTokens, topP, n, seed, concurrency = 8 } = settings;
  const journal = await openStageJournal("sample", settings);
  const connection = { journal, api, ...keysOf(settings, (message) => reporter.say(message)) };
  const batch = settings.batch === true ? await openBatchedModel(teacher, connection) : undefined;
  const model = batch ?? connectModel(teacher, connection);
  const ask = async ({ prompt, count, temperature, trial }: DrawRequest): Promise<Sampled[]> => {
    const firstSample = (trial - 1) * n;
    const sampling = { temperature, topP, maxTokens, seed };
    const responses = await model.sample({ prompt, n: count, ...sampling, firstSample, signal });
    return responses.map(({ text, logprob, numTokens, finishReason = "unknown" }) => {
      return { text, logprob, numTokens, source: `teacher:${model.name}`, finish: finishReason };
    });
  };
  return {
    promptsOf: (rows) => promptsBy((row) => promptOf(settings.template, row), rows),
    settle: async () => batch?.settle(),
    close: () => journal.close(),
    draw(requests, onProgress) {
      let done = 0;
      const askNext = async (request: DrawRequest): Promise<Sampled[]> => {
        const responses = await ask(request);
        onProgress(++done);
        return responses;
      };
      const most = batch === undefined ? concurrency : Math.max(1, requests.length);
      return mapConcurrently(requests, askNext, { concurrency: most, signal, idOf: ({ key }) => key });
    },
  };
}
