/** Sampling N responses to each instruction, from a local model or from a teacher behind a server. */
import { z } from "zod";
import { readInstructionRows } from "../../data/read-examples.ts";
import type { InstructionRow, RankedList, RankedResponse } from "../../data/record.ts";
import { UserError } from "../../errors.ts";
import { type Draw, type DrawRequest, sampleDiverse } from "../../generate/diverse.ts";
import { type Generation, Generator } from "../../generate/generator.ts";
import { connectModel, mapConcurrently, openJournal } from "../../llm/index.ts";
import { loadModel, promptOf } from "../../model/index.ts";
import { fields } from "../fields.ts";
import { contentHash } from "../hash.ts";
import { withLock } from "../lock.ts";
import { writeResumableRows } from "../resumable-rows.ts";
import { type Reporter, type StageResult, defineStage } from "../stage.ts";

const PAPER_ROUGE_THRESHOLD = 0.8;

const options = z.strictObject({
  model: fields.model.optional().describe("Sample from this model folder ..."),
  teacher: z
    .string()
    .optional()
    .meta({ placeholder: "URL#MODEL" })
    .describe("... or from this model of an OpenAI-compatible server that returns log-probabilities."),
  data: fields.instructionData,
  out: fields.outFile,
  n: z.number().int().positive().default(4).describe("Responses to each instruction."),
  temperature: z.number().nonnegative().default(1).describe("Temperature of the first trial."),
  topP: z.number().gt(0).max(1).default(1).describe("Nucleus sampling; 1 keeps all tokens."),
  topK: z.number().int().nonnegative().default(0).describe("Keep the k most likely tokens; 0 keeps all."),
  maxTokens: z.number().int().positive().default(256).describe("Longest response, in tokens."),
  rougeThreshold: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      "Two responses as similar as this (ROUGE-L F) are not both kept; 0 is off. Default 0.8 with --model, off with --teacher.",
    ),
  resample: z
    .enum(["response", "group"])
    .default("response")
    .describe("What is drawn again: the similar response alone (paper) or all n (lmops)."),
  maxTrials: z
    .number()
    .int()
    .positive()
    .default(3)
    .describe("Trials in all; each adds 0.1 to the temperature."),
  tokenizer: z
    .enum(["ascii", "unicode"])
    .default("ascii")
    .describe("Words for ROUGE-L: the paper's, or those of any script."),
  api: z
    .enum(["chat", "completions"])
    .default("chat")
    .describe("With --teacher: which of the server's interfaces to use."),
  concurrency: z.number().int().positive().default(8).describe("With --teacher: requests at once."),
  seed: fields.seed,
  template: fields.template,
  threads: fields.threads,
});
type SampleOptions = z.output<typeof options>;

interface Sampled extends RankedResponse {
  finish: string;
}

/** Rows written at once: what a kill can lose of a local model's samples. */
const CHUNK_SIZE = 256;

export const sample = defineStage({
  kind: "sample",
  summary: "Sample N responses to each instruction, with log-probabilities.",
  output: "file",
  options,
  run(flags, reporter) {
    checkSource(flags);
    return withLock(`${flags.out}.lock`, () => sampleAll(flags, reporter));
  },
});

async function sampleAll(flags: SampleOptions, reporter: Reporter): Promise<StageResult> {
  const items = await readInstructionRows(flags.data);
  refuseRepeatedIds(items, flags.data);
  const source = await openSource(flags, reporter.signal);
  try {
    const { out, data, threads: _, concurrency: __, ...settings } = flags;
    const rows = await writeResumableRows(
      {
        out,
        madeFrom: { data: await contentHash(data), source: source.identity, ...settings },
        items,
        chunkSize: CHUNK_SIZE,
        label: "sample",
        produce: (chunk) => sampleChunk(chunk, flags, source.draw),
      },
      reporter,
    );
    return summarize(rows, out);
  } finally {
    await source.close();
  }
}

/** A setting of one kind of source has no effect on the other, and is refused rather than ignored. */
function checkSource({ model, teacher, topK, api }: SampleOptions): void {
  if ((model === undefined) === (teacher === undefined)) {
    throw new UserError("Give either --model (a local folder) or --teacher (URL#MODEL).", {
      code: "sample-source",
    });
  }
  const idle = [
    ...(teacher !== undefined && topK > 0 ? ["--top-k works with --model only"] : []),
    ...(model !== undefined && api !== "chat" ? ["--api works with --teacher only"] : []),
  ];
  if (idle.length > 0) throw new UserError(`${idle.join("; ")}.`, { code: "setting-without-effect" });
}

/** An id names a row's random streams, and the row itself in everything that follows. */
function refuseRepeatedIds(rows: readonly InstructionRow[], path: string): void {
  const numbers = new Map<string, number>();
  for (const [number, { id }] of rows.entries()) {
    const first = numbers.get(id!);
    if (first !== undefined) {
      throw new UserError(
        `${path}: rows ${first} and ${number} have the same id "${id}". Give each its own.`,
        {
          code: "ids-repeated",
          facts: { id, rows: [first, number] },
        },
      );
    }
    numbers.set(id!, number);
  }
}

interface Source {
  readonly draw: Draw<Sampled>;
  /** What the samples depend on besides the options. */
  readonly identity: string;
  close(): Promise<void>;
}

async function openSource(flags: SampleOptions, signal: AbortSignal): Promise<Source> {
  return flags.model === undefined
    ? remoteSource(flags, flags.teacher!, signal)
    : localSource(flags, flags.model, signal);
}

async function localSource(flags: SampleOptions, path: string, signal: AbortSignal): Promise<Source> {
  const generator = await Generator.open(loadModel(path), flags.threads);
  return {
    identity: await contentHash(path),
    close: () => generator.close(),
    async draw(requests) {
      // The trial is part of the key, so that a redraw has a random stream of its own.
      const named = requests.map((request) => ({
        ...request,
        key: `${request.key}, trial ${request.trial}`,
      }));
      const generations = await generator.generate(named, { ...flags, stop: [], signal });
      return generations.map((responses) =>
        responses.map((response) => toResponse(response, `model:${path}`)),
      );
    },
  };
}

function toResponse({ text, tokenLogprobs, finish }: Generation, source: string): Sampled {
  const logprob = tokenLogprobs.reduce((sum, value) => sum + value, 0);
  return { text, logprob, numTokens: tokenLogprobs.length, source, finish };
}

async function remoteSource(flags: SampleOptions, teacher: string, signal: AbortSignal): Promise<Source> {
  const journal = await openJournal(`${flags.out}.journal.jsonl`);
  const model = connectModel(teacher, { journal, api: flags.api });
  const ask = async ({ prompt, count, temperature, trial }: DrawRequest): Promise<Sampled[]> => {
    const { maxTokens, topP, n } = flags;
    const firstSample = (trial - 1) * n;
    const responses = await model.sample({
      prompt,
      n: count,
      temperature,
      topP,
      maxTokens,
      firstSample,
      signal,
    });
    return responses.map(({ text, logprob, numTokens, finishReason }) => ({
      text,
      logprob,
      numTokens,
      source: `teacher:${model.name}`,
      finish: finishReason ?? "unknown",
    }));
  };
  return {
    identity: teacher,
    close: () => journal.close(),
    draw: (requests) => mapConcurrently(requests, ask, { concurrency: flags.concurrency, signal }),
  };
}

async function sampleChunk(
  rows: readonly InstructionRow[],
  flags: SampleOptions,
  draw: Draw<Sampled>,
): Promise<RankedList[]> {
  const threshold = flags.rougeThreshold ?? (flags.model === undefined ? 0 : PAPER_ROUGE_THRESHOLD);
  const prompts = rows.map((row) => ({ key: row.id!, prompt: promptOf(flags.template, row) }));
  const { n: count, temperature, resample, maxTrials, tokenizer } = flags;
  const sampled = await sampleDiverse(prompts, {
    draw,
    count,
    temperature,
    resample,
    maxTrials,
    tokenizer,
    rougeThreshold: threshold === 0 ? undefined : threshold,
  });
  return rows.map((row, index) => ({
    id: row.id!,
    instruction: row.instruction,
    input: row.input,
    original: row.output,
    responses: sampled[index]!.samples,
    ...(threshold === 0 ? {} : { sampling: sampled[index]!.record }),
  }));
}

function summarize(rows: readonly RankedList[], out: string): StageResult {
  const responses = rows.flatMap((row) => row.responses);
  const tokens = responses.reduce((sum, { numTokens }) => sum + (numTokens ?? 0), 0);
  const records = rows.flatMap(({ sampling }) =>
    sampling === undefined ? [] : [sampling as { accepted: boolean }],
  );
  const diverse = records.filter(({ accepted }) => accepted).length;
  const value = {
    out,
    rows: rows.length,
    responses: responses.length,
    meanTokens: tokens / Math.max(1, responses.length),
    ...(records.length > 0 ? { diverse } : {}),
  };
  const note = records.length > 0 ? `, ${diverse} rows with all responses diverse` : "";
  return {
    value,
    text: `${out}: ${value.responses} responses to ${value.rows} instructions, ${value.meanTokens.toFixed(1)} tokens each${note}`,
  };
}
