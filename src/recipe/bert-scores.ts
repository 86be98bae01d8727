/** BERTScores by an encoder that a user names: from its folder or the hub, with the layer that suits it. */
import { z } from "zod";
import { UserError } from "../errors.ts";
import { type BertScorePair, BertScorer, checkLayer } from "../evaluate/bertscore/bert-scorer.ts";
import { readBaseline } from "../evaluate/bertscore/baseline.ts";
import { type BertScore, meanScore } from "../evaluate/bertscore/pair-score.ts";
import { tunedLayer } from "../evaluate/bertscore/tuned-layers.ts";
import { loadEncoder } from "../model/index.ts";
import { fields } from "./fields.ts";
import { modelName, resolveModelFolder } from "./model-folder.ts";
import type { Reporter } from "./stage.ts";

export const bertScoreFields = {
  encoder: z
    .string()
    .meta({ placeholder: "M", path: "model" })
    .describe(
      "Encoder, BERT or RoBERTa: a folder in Hugging Face format, or a model of the hub, such as FacebookAI/roberta-large.",
    ),
  layer: z
    .number()
    .int()
    .nonnegative()
    .optional()
    .describe(
      "Compare the hidden states behind this layer; default: the tuned one of an encoder that is known by its name.",
    ),
  idf: z.boolean().default(false).describe("Weigh tokens by how few of the targets hold them."),
  baselineFile: z
    .string()
    .optional()
    .meta({ placeholder: "F.csv", path: "input" })
    .describe("Rescale by the baseline of this encoder's layers: columns LAYER,P,R,F."),
  threads: fields.threads,
  device: fields.device,
};
type Settings = z.output<z.ZodObject<typeof bertScoreFields>>;
export type BertScoreSettings = Pick<Settings, "encoder"> & Partial<Settings>;

export interface BertScoreReport {
  /** One a pair, in their order. */
  readonly scores: readonly BertScore[];
  readonly mean: BertScore;
  /** What the numbers depend on. */
  readonly settings: {
    readonly encoder: string;
    readonly layer: number;
    readonly idf: boolean;
    readonly baseline: string | null;
  };
}

/**
 * Refuses settings that do not fit at once, so that what makes the predictions does not run in vain. The encoder's weights
 * are read when pairs are scored.
 */
export async function bertScoring(
  { encoder: name, idf = false, baselineFile, threads, device, ...options }: BertScoreSettings,
  reporter: Reporter,
): Promise<(pairs: readonly BertScorePair[]) => Promise<BertScoreReport>> {
  const folder = await resolveModelFolder(name, reporter);
  const encoder = loadEncoder(folder);
  const layer = options.layer ?? layerOf(name, encoder.config.layers);
  checkLayer(encoder, layer);
  const baseline = baselineFile === undefined ? undefined : readBaseline(baselineFile, layer);
  const settings = { encoder: modelName(folder), layer, idf, baseline: baselineFile ?? null };
  return async (pairs) => {
    const scorer = await BertScorer.open(encoder, layer, { threads, device });
    const bar = reporter.progress("BERTScore", pairs.length);
    try {
      const { signal } = reporter;
      const onProgress = (done: number): void => bar.update(done);
      const scores = await scorer.score(pairs, { idf, baseline, onProgress, signal });
      return { scores, mean: meanScore(scores), settings };
    } finally {
      bar.done();
      await scorer.close();
    }
  };
}

function layerOf(name: string, layers: number): number {
  const layer = tunedLayer(name);
  if (layer !== undefined && layer <= layers) return layer;
  throw new UserError(
    `No layer is known to suit ${name}. Give --layer, from 0 (the embeddings) to ${layers}; about two thirds up is usual.`,
    { code: "bertscore-layer-unknown", facts: { encoder: name, layers } },
  );
}
