/** `tuna score`: the log-probability of given responses under a model. */
import { setImmediate as eventLoopTurn } from "node:timers/promises";
import { z } from "zod";
import { type EncodedSequence, encodePair, numLabels } from "../../data/encode.ts";
import { readAllJsonLines, writeJsonLines } from "../../data/jsonl.ts";
import type { SequenceGroup } from "../../data/pack.ts";
import { UserError } from "../../errors.ts";
import { Scorer } from "../../generate/score.ts";
import { type Model, loadModel } from "../../model/index.ts";
import { fields } from "../../recipe/fields.ts";
import { resolveModelFolder } from "../../recipe/model-folder.ts";
import { checkOutputs } from "../../recipe/output-file.ts";
import { defineCommand } from "../command.ts";

const row = z.looseObject({
  id: z.union([z.string(), z.number()]),
  prompt: z.string(),
  response: z.string(),
});
type Row = z.output<typeof row>;

export const command = defineCommand({
  name: "score",
  summary: "Log-probabilities of given responses under a model (EOS counted).",
  examples: ["tuna score --model runs/sft --data rows.jsonl --out scored.jsonl"],
  options: z.strictObject({
    model: fields.model,
    data: z
      .string()
      .meta({ placeholder: "rows.jsonl" })
      .describe("Rows {id, prompt, response}; the prompt is taken as it is."),
    out: fields.outFile.describe("The rows with {logprob, numTokens, meanLogprob}, in the same order."),
    threads: fields.threads,
    device: fields.device,
  }),
  async run({ model: path, data, out, threads, device }, io) {
    checkOutputs({ "--out": out }, { "--data": data, "--model": path });
    const model = loadModel(await resolveModelFolder(path, io));
    const rows = await readAllJsonLines(data, row);
    if (rows.length === 0) throw new UserError(`${data}: no rows.`, { code: "data-empty" });
    const groups = await encodeRows(rows, model, io.signal);
    const scorer = await Scorer.open(model, { threads, device });
    const bar = io.progress("score", rows.length);
    const scores = await scorer.score(groups, (done) => bar.update(done), io.signal);
    bar.done();
    await scorer.close();
    const scored = rows.map((each, index) => {
      const { logprob, numTokens } = scores[index]![0]!;
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
