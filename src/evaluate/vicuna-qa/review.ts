/** One reply of the judge about one question, whoever asked for it. */

export interface Review {
  /** Of the question. */
  readonly id: string;
  /** The answers, 0 and 1, in the order they were shown; one alone where each is graded by itself. */
  readonly shown: readonly number[];
  /** The judge's reply; the last one where it was asked again. */
  readonly text: string;
  readonly reading: Reading;
  /** It ended at the limit of its length. */
  readonly isCutOff?: boolean | undefined;
  /** Where it was asked again: the reply before, and the word that marks the lines that count. */
  readonly again?: { readonly earlier: string; readonly code: string } | undefined;
}

/** What a reply says, or why that cannot be told. */
export type Reading = ScoreReading | { readonly how: "failed"; readonly reason: string };

export interface ScoreReading {
  /**
   * `stored`: as a file has them. `parsed`: as FastChat's own reading has them, or in the form that was asked for.
   * `fallback`: found elsewhere in the reply.
   */
  readonly how: "stored" | "parsed" | "fallback";
  /** Of the answers in the order they were shown. */
  readonly scores: readonly number[];
  /** The words of the reply that state them, where they do not stand alone on its first line. */
  readonly written?: readonly string[];
}

/** By answer, 0 and 1; undefined for one that was not shown, and where the reply could not be read. */
export function scoreOf({ shown, reading }: Review, answer: number): number | undefined {
  return reading.how === "failed" ? undefined : reading.scores[shown.indexOf(answer)];
}

/** As it is written in details and results. */
export function orderName(shown: readonly number[]): string {
  if (shown.length === 1) return `answer${shown[0]! + 1}`;
  return shown[0] === 0 ? "order1" : "order2";
}
