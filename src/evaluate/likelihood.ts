/**
 * How likely a model finds the responses of a reference set (Appendix A): the mean negative log-likelihood of their tokens,
 * by which the paper chooses beta of Eq. 3 on LIMA's training set.
 */
import { type PromptOf, exampleFromRow } from "../data/example.ts";
import type { InstructionRow } from "../data/record.ts";
import { Scorer } from "../generate/score.ts";
import type { Device } from "../graph/index.ts";
import type { Model } from "../model/index.ts";
import { type DataSummary, encodeExamples } from "../train/encode-examples.ts";
import { nothingLeft } from "../train/nothing-left.ts";
import { PRESETS } from "../train/objective.ts";

export interface RowLikelihood {
  /** Of the response's tokens together, EOS included, in nats. */
  readonly logprob: number;
  readonly numTokens: number;
  /** Whether the window cut the response, and its EOS with it. */
  readonly truncated: boolean;
}

export interface LikelihoodOptions {
  readonly promptOf: PromptOf;
  readonly maxLength: number;
  readonly threads?: number | undefined;
  readonly device?: Device | undefined;
  readonly onProgress?: ((done: number) => void) | undefined;
  /** An abort throws its reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface Likelihoods {
  /** In the order of the data; undefined where the prompt fills the window. */
  readonly rows: readonly (RowLikelihood | undefined)[];
  readonly summary: DataSummary;
}

/** Of the outputs of the rows under one model. */
export async function likelihoodsOf(
  model: Model,
  rows: readonly InstructionRow[],
  { promptOf, maxLength, threads, device, onProgress, signal }: LikelihoodOptions,
): Promise<Likelihoods> {
  const examples = rows.map((row, index) => exampleFromRow(row, index, promptOf));
  const encoding = { ...PRESETS.paper, maxLength, eosId: model.eosIds[0], signal };
  const { encoded, summary } = await encodeExamples(examples, model.tokenizer, encoding);
  if (encoded.length === 0) throw nothingLeft("No row can be scored", summary, maxLength);
  const scorer = await Scorer.open(model, { threads, device });
  try {
    const scores = await scorer.score(
      encoded.map(({ sequences }) => sequences),
      onProgress,
      signal,
    );
    const found = new Map(
      encoded.map(({ index, sequences }, place) => {
        const { logprob, numTokens } = scores[place]![0]!;
        return [index, { logprob, numTokens, truncated: sequences[0]!.truncated }];
      }),
    );
    return { rows: rows.map((_, index) => found.get(index)), summary };
  } finally {
    await scorer.close();
  }
}
