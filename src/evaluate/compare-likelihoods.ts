/** Models by how likely they find the same responses, on the rows that all of them can score. */
import { UserError } from "../errors.ts";
import type { RowLikelihood } from "./likelihood.ts";
import { type Estimate, type Share, meanEstimate, shareEstimate } from "./statistics/estimate.ts";

export interface ScoredModel {
  readonly model: string;
  readonly rows: readonly (RowLikelihood | undefined)[];
}

export interface LikelihoodComparison {
  /** Compared; the others some model cannot score whole. */
  readonly rows: number;
  readonly leftOut: number;
  /**
   * What negative log-likelihoods are compared per: tokens, or bytes of text where the models cut texts into different
   * tokens, so that a token of one is not a token of the other.
   */
  readonly per: "token" | "byte";
  /** In the order given. */
  readonly models: readonly ModelLikelihood[];
}

export interface ModelLikelihood {
  readonly model: string;
  readonly isBest: boolean;
  /** Nats a token, over all tokens of all rows, as in Appendix A: long responses weigh more. */
  readonly nll: Estimate;
  /** The mean over rows of each row's nats a token (Eq. 2): all rows weigh the same. */
  readonly nllOverRows: Estimate;
  /** Over the responses that fit whole: what is cut has no bytes of its own. Null where none fits. */
  readonly nllPerByte: Estimate | null;
  readonly tokens: number;
  /** What it has more than the best, per token or byte, on the same rows; null for the best itself. */
  readonly behindBest: Estimate | null;
}

/** Intervals draw whole rows again, for two models the same ones. `texts`: the responses, in the order of the rows. */
export function compareLikelihoods(
  models: readonly ScoredModel[],
  texts: readonly string[],
): LikelihoodComparison {
  const [first] = models;
  const all = texts.map((_, index) => models.map(({ rows }) => rows[index]));
  const isSame = all.every((row) => row.every((each) => each?.numTokens === row[0]?.numTokens));
  const per = isSame ? "token" : "byte";
  // Cut elsewhere, a response is not the same text to both.
  const compared = all.flatMap((row, index) =>
    row.every((each) => each !== undefined && (isSame || !each.truncated)) ? [index] : [],
  );
  if (compared.length === 0) {
    throw new UserError(
      "No row can be scored whole by all of the models: prompts fill a window, or responses are cut. Raise --max-length.",
      { code: "no-rows" },
    );
  }
  const lengths = compared.map((index) => lengthOf(first!.rows[index]!, texts[index]!, per));
  const nlls = models.map(({ rows }) => compared.map((index) => -rows[index]!.logprob));
  const best = indexOfLeast(nlls.map((nll) => sumOf(nll)));
  return {
    rows: compared.length,
    leftOut: texts.length - compared.length,
    per,
    models: models.map((scored, index) => ({
      ...likelihoodOf(scored, compared, texts),
      isBest: index === best,
      behindBest: index === best ? null : difference(nlls[index]!, nlls[best]!, lengths),
    })),
  };
}

const SEED = { seed: "likelihood" };

function likelihoodOf({ model, rows }: ScoredModel, compared: readonly number[], texts: readonly string[]) {
  const shares = (indices: readonly number[], per: LikelihoodComparison["per"]): Share[] =>
    indices.map((index) => ({
      part: -rows[index]!.logprob,
      whole: lengthOf(rows[index]!, texts[index]!, per),
    }));
  const perToken = shares(compared, "token");
  const whole = compared.filter((index) => !rows[index]!.truncated);
  return {
    model,
    nll: shareEstimate(perToken, SEED)!,
    nllOverRows: meanEstimate(
      perToken.map((row) => row.part / row.whole),
      SEED,
    )!,
    nllPerByte: shareEstimate(shares(whole, "byte"), SEED) ?? null,
    tokens: sumOf(perToken.map((row) => row.whole)),
  };
}

function difference(nll: readonly number[], best: readonly number[], lengths: readonly number[]): Estimate {
  const shares = nll.map((each, index) => ({ part: each - best[index]!, whole: lengths[index]! }));
  return shareEstimate(shares, SEED)!;
}

/** The end of a text counts as a byte, as it is a token. */
function lengthOf({ numTokens }: RowLikelihood, text: string, per: LikelihoodComparison["per"]): number {
  return per === "token" ? numTokens : Buffer.byteLength(text) + 1;
}

function indexOfLeast(values: readonly number[]): number {
  return values.indexOf(Math.min(...values));
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
