/**
 * How good the responses of the pocket world's data are: every rate in one place, to be tuned here.
 *
 * Originals are like Alpaca's: mostly terse, sometimes wrong. Part of the wrongness is systematic: about some items the
 * crowd that wrote the originals shares one mistake and repeats it more often than the truth, so a model trained on the
 * originals answers wrongly when decoded greedily and still samples the truth now and then. That is what ranking mends.
 */
import type { RandomStream } from "../random.ts";

/** How much a response says: `terse` answers only, `plain` in a full sentence or a few, `full` with its reasons. */
export type Detail = "terse" | "plain" | "full";

export interface Quality {
  detail: Detail;
  isRight: boolean;
}

export interface QualityRates {
  /** Share of wrong responses to items about which the crowd shares a mistake. */
  wrongWhereCrowdErrs: number;
  /** Share of wrong responses to all other items. */
  wrongElsewhere: number;
  /** Shares of the three levels of detail; they sum to 1. */
  detail: Readonly<Record<Detail, number>>;
}

/** Share of facts (a word's opposite, a bird's food) about which the crowd shares a mistake. */
export const CROWD_MISTAKE_SHARE = 0.3;

/** The original responses of the student's training rows. */
export const ORIGINAL_RATES: QualityRates = {
  wrongWhereCrowdErrs: 0.65,
  wrongElsewhere: 0.06,
  detail: { terse: 0.5, plain: 0.28, full: 0.22 },
};

/** The rows that the teacher is trained on: mostly right, in more detail. */
export const TEACHER_RATES: QualityRates = {
  wrongWhereCrowdErrs: 0.08,
  wrongElsewhere: 0.03,
  detail: { terse: 0.1, plain: 0.3, full: 0.6 },
};

/** Draws the quality of one response. */
export function drawQuality(rates: QualityRates, hasCrowdMistake: boolean, stream: RandomStream): Quality {
  const wrongRate = hasCrowdMistake ? rates.wrongWhereCrowdErrs : rates.wrongElsewhere;
  return { detail: drawDetail(rates.detail, stream.float()), isRight: stream.float() >= wrongRate };
}

function drawDetail(shares: QualityRates["detail"], draw: number): Detail {
  if (draw < shares.terse) return "terse";
  return draw < shares.terse + shares.plain ? "plain" : "full";
}
