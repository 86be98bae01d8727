/** `tuna eval likelihood`: how likely models find the responses of a reference set (Appendix A). */
import { z } from "zod";
import { writeJsonLines } from "../../data/jsonl.ts";
import { readInstructionRows } from "../../data/read-examples.ts";
import type { InstructionRow } from "../../data/record.ts";
import { UserError } from "../../errors.ts";
import {
  type LikelihoodComparison,
  type ScoredModel,
  compareLikelihoods,
} from "../../evaluate/compare-likelihoods.ts";
import { likelihoodsOf } from "../../evaluate/likelihood.ts";
import type { Estimate } from "../../evaluate/statistics/estimate.ts";
import { loadModel, withTemplate } from "../../model/index.ts";
import { dataNotes } from "../../recipe/data-notes.ts";
import { fields } from "../../recipe/fields.ts";
import { resolveModelFolder } from "../../recipe/model-folder.ts";
import { checkOutputs } from "../../recipe/output-file.ts";
import { countOf } from "../../text/count-of.ts";
import { PRESETS } from "../../train/objective.ts";
import { TRAIN_DEFAULTS } from "../../train/settings.ts";
import { defineCommand } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { table } from "../table.ts";

const options = z.strictObject({
  model: z
    .array(z.string())
    .min(1)
    .meta({ placeholder: "M..." })
    .describe("One model or several: folders in Hugging Face format, or owner/name of the hub."),
  data: fields.instructionData.describe(
    "The reference set: instruction data in any format, such as LIMA; see docs/formats.md.",
  ),
  format: fields.format,
  template: fields.template,
  maxLength: z
    .number()
    .int()
    .min(2)
    .default(TRAIN_DEFAULTS.maxLength)
    .describe("Tokens of prompt and response; the rest is cut."),
  details: z
    .string()
    .optional()
    .meta({ placeholder: "F.jsonl" })
    .describe("Write each row's log-probability under each model here, in the order of the data."),
  threads: fields.threads,
  device: fields.device,
});
type Options = z.output<typeof options>;

export const command = defineCommand({
  name: "eval likelihood",
  summary: "NLL of a reference set's responses under models, for choosing beta (Appendix A).",
  examples: [
    "tuna eval likelihood --model runs/beta-1.0 runs/beta-1.3 --data lima.json",
    "tuna eval likelihood --model runs/tuna --data lima.json --details rows.jsonl --json",
  ],
  options,
  async run(flags, io) {
    const { model: names, data, format, details } = flags;
    checkOutputs({ "--details": details }, { "--data": data });
    const rows = await readInstructionRows(data, { format, say: (note) => io.say(`note: ${note}`) });
    const models = await scoreAll(names, rows, flags, io);
    const comparison = compareLikelihoods(
      models,
      rows.map(({ output }) => output),
    );
    if (details !== undefined) await writeJsonLines(details, detailsOf(rows, models));
    io.result(comparison, comparisonText(comparison));
  },
});

/** One model at a time is in memory. All cut at the same place: otherwise their rows would not be the same texts. */
async function scoreAll(
  names: readonly string[],
  rows: readonly InstructionRow[],
  { maxLength, template, threads, device }: Options,
  io: CommandIo,
): Promise<ScoredModel[]> {
  const models: ScoredModel[] = [];
  let shared: number | undefined;
  for (const name of names) {
    const path = await resolveModelFolder(name, io);
    const { model, promptOf, notes } = withTemplate(loadModel(path), template, { path });
    for (const note of notes) io.say(`note: ${note}`);
    const window = Math.min(maxLength, model.config.maxPositions);
    shared ??= window;
    if (window !== shared) throw otherWindow(name, window, { first: names[0]!, shared });
    const bar = io.progress(`score ${name}`, rows.length);
    const onProgress = (done: number): void => bar.update(done);
    const scoring = { promptOf, maxLength: window, threads, device, onProgress, signal: io.signal };
    const { rows: scored, summary } = await likelihoodsOf(model, rows, scoring);
    bar.done();
    if (models.length === 0) for (const note of dataNotes(summary, PRESETS.paper)) io.say(`note: ${note}`);
    models.push({ model: name, rows: scored });
  }
  return models;
}

function otherWindow(
  name: string,
  window: number,
  { first, shared }: { first: string; shared: number },
): UserError {
  return new UserError(
    `${name} reads ${window} tokens and ${first} ${shared}: they would be asked about different ends of the same responses. Set --max-length ${Math.min(window, shared)} for both.`,
    { code: "windows-differ", facts: { window, shared } },
  );
}

function detailsOf(rows: readonly InstructionRow[], models: readonly ScoredModel[]): object[] {
  return rows.map(({ id }, index) => ({
    id: id ?? String(index),
    models: models.map(({ model, rows: scored }) => {
      const row = scored[index];
      return { model, ...(row ? { ...row, nll: -row.logprob / row.numTokens } : { logprob: null }) };
    }),
  }));
}

function comparisonText({ models, rows, leftOut, per }: LikelihoodComparison): string {
  const isAlone = models.length === 1;
  const head = ["", "NLL a token", "mean over rows", ...(per === "byte" ? ["NLL a byte"] : [])];
  const lines = models.map(({ model, isBest, nll, nllOverRows, nllPerByte, behindBest }) => [
    model,
    estimate(nll),
    nllOverRows.value.toFixed(4),
    ...(per === "byte" ? [estimate(nllPerByte!)] : []),
    ...(isAlone ? [] : [isBest || behindBest === null ? "best" : `+${estimate(behindBest)}`]),
  ]);
  const close = models.filter(({ behindBest }) => behindBest !== null && behindBest.low <= 0);
  const notes = [
    `${countOf(rows, "row")}, ${countOf(models[0]!.tokens, "token")}; intervals of 95 % over rows`,
    leftOut > 0 && `${countOf(leftOut, "row")} left out, which not every model can score`,
    per === "byte" && "the models cut texts into different tokens, so they are compared by byte",
    close.length > 0 && `not told from the best: ${close.map(({ model }) => model).join(", ")}`,
  ].filter((note) => note !== false);
  return [table([isAlone ? head : [...head, `more a ${per}`], ...lines]), ...notes].join("\n");
}

function estimate({ value, low, high }: Estimate): string {
  return `${value.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)})`;
}
