/** Sampling N responses to each instruction, from a local model or from a teacher behind a server. */
import { readInstructionRows } from "../../data/read-examples.ts";
import type { InstructionRow, RankedList } from "../../data/record.ts";
import { UserError } from "../../errors.ts";
import { type TrialProgress, sampleDiverse } from "../../generate/diverse.ts";
import { parseModelReference } from "../../llm/index.ts";
import { contentHash } from "../hash.ts";
import { localModelFolder } from "../local-reference.ts";
import { withLock } from "../lock.ts";
import type { MadeFrom } from "../made-from.ts";
import { resolveModelFolder } from "../model-folder.ts";
import { checkOutputs } from "../output-file.ts";
import { type RowProducer, writeResumableRows } from "../resumable-rows.ts";
import { journalPath } from "../spending.ts";
import { type Reporter, type StageResult, defineStage } from "../stage.ts";
import { forecastSamples } from "./sample-forecast.ts";
import {
  type SampleOptions,
  type SampleSettings,
  completeSettings,
  sampleOptions,
} from "./sample-options.ts";
import { type SampleSource, openSource } from "./sample-source.ts";

/** Rows written at once: what a kill can lose of a local model's samples. */
const CHUNK_SIZE = 256;

export const sample = defineStage({
  kind: "sample",
  summary: "Sample N responses to each instruction, with log-probabilities.",
  output: "file",
  options: sampleOptions,
  complete: completeSettings,
  check({ teacher }) {
    if (teacher !== undefined && localModelFolder(teacher) === undefined) parseModelReference(teacher);
  },
  forecast: forecastSamples,
  run(options, reporter) {
    const { out, data, model } = options;
    checkOutputs({ "--out": out }, { "--data": data, "--model": model });
    return withLock(`${out}.lock`, () => sampleAll(options, reporter));
  },
});

async function sampleAll(options: SampleOptions, reporter: Reporter): Promise<StageResult> {
  const { out, overwrite, data, format } = options;
  const { model, ...asked } = completeSettings(options);
  const settings = {
    ...asked,
    ...(model !== undefined && { model: await resolveModelFolder(model, reporter) }),
  };
  const items = await readInstructionRows(data, { format, say: (note) => reporter.say(`note: ${note}`) });
  refuseRepeatedIds(items, data);
  const open = async (rest: readonly InstructionRow[]): Promise<RowProducer<InstructionRow, RankedList>> => {
    const source = await openSource(rest, settings, reporter);
    return producerFrom(source, settings);
  };
  const rows = await writeResumableRows(
    {
      out,
      overwrite,
      madeFrom: await describe(settings),
      items,
      // A batch is everything at once.
      chunkSize: settings.batch === true ? Math.max(1, items.length) : CHUNK_SIZE,
      label: "sample",
      open,
    },
    reporter,
  );
  return summarize(rows, out);
}

/** A model is known by its content, so that its folder may be moved. The device rounds integers in its own way. */
async function describe(settings: SampleSettings): Promise<MadeFrom> {
  const { out: _1, overwrite: _2, threads: _3, device = "cpu", concurrency: _4, ...shaping } = settings;
  const { journal: _5, budget: _6, prices: _7, batch: _8, keyFile: _9, data, model, ...rest } = shaping;
  return {
    data: await contentHash(data),
    ...(model === undefined ? {} : { model: await contentHash(model) }),
    ...((rest.weights ?? "float32") === "float32" ? {} : { device }),
    ...rest,
  };
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

function producerFrom(
  source: SampleSource,
  settings: SampleSettings,
): RowProducer<InstructionRow, RankedList> {
  const { n: count, rougeThreshold, temperature, resample, maxTrials, tokenizer } = settings;
  const isDiverse = rougeThreshold > 0;
  const options = { count, temperature, resample, maxTrials, tokenizer, draw: source.draw };
  const journal = `the teacher's replies are in ${journalPath(settings)}`;
  return {
    ...(settings.teacher === undefined ? {} : { alsoSaved: journal }),
    close: () => source.close(),
    async produce(rows, onProgress) {
      const sampled = await sampleDiverse(source.promptsOf(rows), {
        ...options,
        rougeThreshold: isDiverse ? rougeThreshold : undefined,
        onProgress: (progress) => onProgress(...inRows(progress, rows.length)),
      });
      await source.settle();
      return rows.map(({ id, instruction, input, output }, index) => ({
        id: id!,
        instruction,
        input,
        original: output,
        responses: sampled[index]!.samples,
        ...(isDiverse ? { sampling: sampled[index]!.record } : {}),
      }));
    },
  };
}

/** Rows that have responses, be it for now: later trials only replace similar ones. */
function inRows({ trial, done, total }: TrialProgress, numRows: number): [number, string?] {
  return trial === 1 ? [done] : [numRows, `trial ${trial}: ${done} of ${total} drawn again`];
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
