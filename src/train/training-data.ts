/** Encodes the examples of a run, and refuses data that no step could learn from. */
import type { Example } from "../data/example.ts";
import { UserError } from "../errors.ts";
import type { Model } from "../model/index.ts";
import { type DataSummary, type EncodedExample, encodeExamples } from "./encode-examples.ts";
import { nothingLeft } from "./nothing-left.ts";
import { planObjective } from "./objective.ts";
import type { TrainSettings } from "./settings.ts";

export interface TrainingDataOptions {
  readonly model: Model;
  readonly settings: TrainSettings;
  readonly signal?: AbortSignal;
}

/** Sequences are cut to the model's window where `maxLength` exceeds it. */
export async function encodeForTraining(
  examples: readonly Example[],
  { model, settings: { objective, ...settings }, signal }: TrainingDataOptions,
): Promise<{ encoded: EncodedExample[]; summary: DataSummary }> {
  const maxLength = Math.min(settings.maxLength, model.config.maxPositions);
  const { head } = model.config;
  const encoding = { maxLength, eosId: model.eosIds[0], head, ...objective, signal };
  const { encoded, summary } = await encodeExamples(examples, model.tokenizer, encoding);
  if (encoded.length === 0) throw nothingLeft("Nothing to train on", summary, maxLength);
  const roles = encoded.map(({ candidates }) => candidates);
  const { pairs, mleTokenWeights } = planObjective(roles, objective);
  const { mleTarget, mleWeight } = objective;
  if (pairs.length === 0 && (mleWeight === 0 || mleTokenWeights.every((weight) => weight === 0))) {
    throw new UserError(
      `Nothing to learn: no example has two responses of different rank, and the likelihood term (${mleTarget}, weight ${mleWeight}) finds no response. Add ranked responses, or choose another --mle-target.`,
      { code: "nothing-to-learn" },
    );
  }
  return { encoded, summary };
}
