/** `tuna score`: the log-probability of given responses under a model. */
import { setImmediate as eventLoopTurn } from "node:timers/promises";
import { z } from "zod";
import { type EncodedSequence, encodePair, numLabels } from "../../data/encode.ts";
import { readAllJsonLines, writeJsonLines } from "../../data/jsonl.ts";
import type { SequenceGroup } from "../../data/pack.ts";
import { UserError } from "../../errors.ts";
import { Scorer } from "../../generate/score.ts";
import type { Device } from "../../graph/index.ts";
import { type Model, loadModel } from "../../model/index.ts";
import { fields } from "../../recipe/fields.ts";
import { keyFields } from "../../recipe/key-file.ts";
import { resolveModelFolder } from "../../recipe/model-folder.ts";
import { checkOutputs } from "../../recipe/output-file.ts";
import { type ScoredResponse, scoreByTeacher } from "../../recipe/score-by-teacher.ts";
import { spendingFields } from "../../recipe/spending.ts";
import { defineCommand } from "../command.ts";
import type { CommandIo } from "../io.ts";

const row = z.looseObject({
  id: z.union([z.string(), z.number()], { error: "expected a string or a number" }),
  prompt: z.string(),
  response: z.string(),
});
type Row = z.output<typeof row>;

const PAYING = { ...spendingFields, ...keyFields, concurrency: true };

const options = z
  .strictObject({
    model: fields.model.optional().describe("Score with this model, a folder or owner/name of the hub ..."),
    teacher: z
      .string()
      .optional()
      .meta({ placeholder: "URL#MODEL" })
      .describe(
        "... or with this one, on a server that scores given texts: vLLM, SGLang. The end token is not counted.",
      ),
    data: z
      .string()
      .meta({ placeholder: "rows.jsonl" })
      .describe("Rows {id, prompt, response}; the prompt is taken as it is."),
    out: fields.outFile.describe("The rows with {logprob, numTokens, meanLogprob}, in the same order."),
    threads: fields.threads,
    device: fields.device,
    concurrency: z
      .number()
      .int()
      .positive()
      .optional()
      .describe("With --teacher: requests at once. Default 8."),
    ...spendingFields,
    ...keyFields,
  })
  .refine(({ model, teacher }) => (model === undefined) !== (teacher === undefined), {
    message: "Give either --model (a folder or a model of the hub) or --teacher (URL#MODEL).",
    abort: true,
  })
  .superRefine((given, context) => {
    const without = given.model === undefined ? ["threads", "device"] : Object.keys(PAYING);
    const useless = Object.entries(given).filter(
      ([name, value]) => without.includes(name) && value !== undefined,
    );
    if (useless.length === 0) return;
    const flags = useless.map(([name]) => `--${name === "keyFile" ? "key-file" : name}`).join(", ");
    const source = given.model === undefined ? "--teacher" : "--model";
    const message = `Without effect beside ${source}: ${flags}. Leave out what has none.`;
    context.addIssue({ code: "custom", message });
  });

export const command = defineCommand({
  name: "score",
  summary: "Log-probabilities of given responses under a model (EOS counted), or under a teacher's.",
  examples: [
    "tuna score --model runs/sft --data rows.jsonl --out scored.jsonl",
    "tuna score --teacher http://127.0.0.1:8000/v1#meta-llama/Llama-3.1-8B --data rows.jsonl --out scored.jsonl",
  ],
  options,
  async run(flags, io) {
    const { model, teacher, data, out } = flags;
    checkOutputs({ "--out": out }, { "--data": data, ...(model !== undefined && { "--model": model }) });
    const scorer = model === undefined ? undefined : loadModel(await resolveModelFolder(model, io));
    const rows = await readAllJsonLines(data, row);
    if (rows.length === 0) throw new UserError(`${data}: no rows.`, { code: "data-empty" });
    const scores =
      scorer === undefined
        ? await scoreByTeacher(rows, { ...flags, teacher: teacher! }, io)
        : await scoreLocally(rows, scorer, { ...flags, io });
    const scored = rows.map((each, index) => {
      const { logprob, numTokens } = scores[index]!;
      return { ...each, logprob, numTokens, meanLogprob: logprob / numTokens };
    });
    await writeJsonLines(out, scored);
    const mean = scored.reduce((sum, { meanLogprob }) => sum + meanLogprob, 0) / scored.length;
    io.result(
      { out, rows: scored.length, meanLogprob: mean },
      `${out}: ${scored.length} rows, mean token log-probability ${mean.toFixed(4)}`,
    );
  },
});

interface LocalScoring {
  readonly threads?: number | undefined;
  readonly device?: Device | undefined;
  readonly io: CommandIo;
}

async function scoreLocally(
  rows: readonly Row[],
  model: Model,
  { threads, device, io }: LocalScoring,
): Promise<ScoredResponse[]> {
  const groups = await encodeRows(rows, model, io.signal);
  const scorer = await Scorer.open(model, { threads, device });
  const bar = io.progress("score", rows.length);
  const scores = await scorer.score(groups, (done) => bar.update(done), io.signal);
  bar.done();
  await scorer.close();
  return scores.map(([score]) => score!);
}

/** Tokenising a large file takes a while; signals arrive in between. */
async function encodeRows(rows: readonly Row[], model: Model, signal: AbortSignal): Promise<SequenceGroup[]> {
  const groups: SequenceGroup[] = [];
  for (const [index, each] of rows.entries()) {
    if (index % ROWS_PER_TURN === 0) await eventLoopTurn();
    signal.throwIfAborted();
    groups.push([encodeRow(each, model)]);
  }
  return groups;
}

const ROWS_PER_TURN = 64;

function encodeRow({ id, prompt, response }: Row, { config, tokenizer, eosIds }: Model): EncodedSequence {
  const sequence = encodePair(tokenizer, { prompt, response }, { maxLength: Infinity, eosId: eosIds[0] });
  const length = sequence.ids.length;
  // The last token is only predicted, never read, so one more than the window fits.
  if (length <= config.maxPositions + 1 && numLabels(sequence) > 0) return sequence;
  throw new UserError(
    `Row "${id}" has ${length} tokens; the model's window is ${config.maxPositions}. Shorten it: a cut response would get a score that is not its own.`,
    {
      code: "row-too-long",
      facts: { id, length },
    },
  );
}
