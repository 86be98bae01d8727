/** Ranking by a proxy ranking model: any number of lists, without a judge. */
import { z } from "zod";
import { encodeResponses, endedBy, numLabels } from "../../data/encode.ts";
import type { PromptOf } from "../../data/example.ts";
import type { SequenceGroup } from "../../data/pack.ts";
import { readRankedLists } from "../../data/read-examples.ts";
import type { RankedList } from "../../data/record.ts";
import { Scorer } from "../../generate/score.ts";
import { type Model, loadModel, withTemplate } from "../../model/index.ts";
import { rankByProxy } from "../../rank/index.ts";
import { countOf } from "../../text/count-of.ts";
import { TRAIN_DEFAULTS, trainSettings } from "../../train/settings.ts";
import { fields } from "../fields.ts";
import { contentHash } from "../hash.ts";
import { withLock } from "../lock.ts";
import { modelName, resolveModelFolder } from "../model-folder.ts";
import { checkOutputs } from "../output-file.ts";
import { type RowProducer, writeResumableRows } from "../resumable-rows.ts";
import { type Reporter, type StageResult, defineStage } from "../stage.ts";

/** Lists scored and written at once: what a kill can lose. */
const CHUNK_SIZE = 256;

const options = z.strictObject({
  data: fields.sampledData.describe("Lists of responses, ranked already or not."),
  format: fields.format,
  model: fields.model.describe(
    "The ranking model, from tuna train-proxy: a folder, or owner/name of the hub.",
  ),
  out: fields.outFile,
  maxLength: trainSettings.shape.maxLength
    .default(TRAIN_DEFAULTS.maxLength)
    .describe("Tokens of prompt and response; the rest is cut, as in training."),
  template: fields.template,
  threads: fields.threads,
  device: fields.device,
  overwrite: fields.overwriteRows,
});
type Options = z.output<typeof options>;

export const rankProxy = defineStage({
  kind: "rank proxy",
  summary: "Rank responses by a proxy ranking model (PRM).",
  output: "file",
  options,
  async run({ out, data, model, ...rest }, reporter) {
    checkOutputs({ "--out": out }, { "--data": data, "--model": model });
    const folder = await resolveModelFolder(model, reporter);
    return withLock(`${out}.lock`, () => rankAll({ ...rest, out, data, model: folder }, reporter));
  },
});

async function rankAll(settings: Options, reporter: Reporter): Promise<StageResult> {
  const { out, data, model, overwrite, threads: _1, device: _2, ...rest } = settings;
  const rows = await writeResumableRows<RankedList, RankedList>(
    {
      out,
      overwrite,
      madeFrom: { ...rest, data: await contentHash(data), model: await contentHash(model) },
      items: await readRankedLists(data, { format: rest.format }),
      chunkSize: CHUNK_SIZE,
      label: "rank proxy",
      open: () => openRanker(settings, reporter),
    },
    reporter,
  );
  const unranked = rows.filter(({ responses }) => responses.every(({ rank }) => rank === undefined));
  const note = unranked.length === 0 ? "" : `; ${countOf(unranked.length, "prompt")} filled the window`;
  return {
    value: { out, ranked: rows.length - unranked.length, unranked: unranked.length },
    text: `${out}: ${countOf(rows.length - unranked.length, "ranked list")}${note}`,
  };
}

async function openRanker(
  { model: path, template, maxLength, threads, device }: Options,
  reporter: Reporter,
): Promise<RowProducer<RankedList, RankedList>> {
  const { model, promptOf, notes } = withTemplate(loadModel(path, { head: "score" }), template, { path });
  for (const note of notes) reporter.say(`note: ${note}`);
  const scorer = await Scorer.open(model, { threads, device });
  const window = Math.min(maxLength, model.config.maxPositions);
  return {
    close: () => scorer.close(),
    async produce(lists, onProgress) {
      const groups = lists.map((list) => encodeList(list, { model, promptOf, window }));
      const ranked = lists.flatMap((list, index) => (groups[index]!.length > 0 ? [{ list, index }] : []));
      const scores = await scorer.score(
        ranked.map(({ index }) => groups[index]!),
        onProgress,
        reporter.signal,
      );
      const known = new Map(
        ranked.map(({ list }, index) => [list, scores[index]!.map(({ logprob }) => logprob)]),
      );
      return lists.map((list) => rankByProxy(list, known.get(list), { model: modelName(path) }));
    },
  };
}

interface Encoding {
  readonly model: Model;
  readonly promptOf: PromptOf;
  readonly window: number;
}

/** Empty where the prompt leaves no room for a response. */
function encodeList(list: RankedList, { model, promptOf, window }: Encoding): SequenceGroup {
  const responses = list.responses.map(({ text }) => text);
  const encoding = { maxLength: window, eosId: model.eosIds[0] };
  const sequences = encodeResponses(model.tokenizer, { prompt: promptOf(list), responses }, encoding);
  return sequences.every((sequence) => numLabels(sequence) > 0) ? sequences.map(endedBy) : [];
}
