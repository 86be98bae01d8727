/** The ways to grade: what is shown at once, in which orders, and how a reply is read. */
import type { Reading } from "./review.ts";
import { readScores } from "./score-reading.ts";
import { readPreference, readRating } from "./verdict-marks.ts";

/** `scores`: two answers, two scores, as in 2023. `single`: one answer, one rating. `pairwise`: two answers, which is better. */
export const GRADINGS = ["scores", "single", "pairwise"] as const;
export type Grading = (typeof GRADINGS)[number];

/** `both`: each pair a second time with the answers exchanged, against position bias. `one`: as in 2023. */
export const ORDERS = ["both", "one"] as const;
export type Orders = (typeof ORDERS)[number];

interface GradingForm {
  readonly read: (reply: string) => Reading;
  /** What a reply must hold, in words to the judge. */
  readonly verdict: string;
}

export const GRADING_FORMS: Readonly<Record<Grading, GradingForm>> = {
  scores: { read: readScores, verdict: "the two scores, separated by one space" },
  single: { read: readRating, verdict: "the rating in double square brackets, such as [[5]]" },
  pairwise: {
    read: readPreference,
    verdict: "[[A]] if Answer A is better, [[B]] if Answer B is better, or [[C]] for a tie",
  },
};

/** The answers, 0 and 1, that are shown together, in order. */
export function shownAnswers(
  grading: Grading,
  { orders, numAnswers }: { orders: Orders; numAnswers: number },
) {
  if (grading === "single") return Array.from({ length: numAnswers }, (_, answer) => [answer]);
  return orders === "both"
    ? [
        [0, 1],
        [1, 0],
      ]
    : [[0, 1]];
}
