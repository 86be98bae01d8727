/**
 * Rescaling: BERTScores lie close together, so what pairs of unrelated sentences get, the baseline of a layer, may be mapped
 * to 0, and 1 stays 1. A baseline file has the columns LAYER, P, R and F, as those of the `bert-score` package have.
 */
import { readSpreadsheet } from "../../data/containers/spreadsheet.ts";
import { UserError } from "../../errors.ts";
import type { BertScore } from "./pair-score.ts";

/** What unrelated sentences get. */
export type Baseline = BertScore;

/** Throws a `UserError` for a file without a usable row of that layer. */
export function readBaseline(path: string, layer: number): Baseline {
  const rows = readSpreadsheet(path).map(({ cells }) => cells);
  const row = rows.find((each) => each["LAYER"]?.trim() === String(layer));
  if (row === undefined) {
    const found = rows.map((each) => each["LAYER"] ?? "").filter((each) => each !== "");
    const what = found.length === 0 ? "no column LAYER with values" : `the layers ${found.join(", ")}`;
    throw refused(path, `expected a row of layer ${layer}, found ${what}`);
  }
  const value = (column: string): number => {
    const number = Number(row[column]?.trim() || Number.NaN);
    if (Number.isFinite(number) && number < 1) return number;
    throw refused(
      path,
      `expected a number below 1 in column ${column} of layer ${layer}, came ${JSON.stringify(row[column])}`,
    );
  };
  return { precision: value("P"), recall: value("R"), fmeasure: value("F") };
}

/** Each measure by itself; below the baseline it is negative. */
export function rescale(score: BertScore, baseline: Baseline): BertScore {
  const map = (measure: keyof BertScore): number =>
    (score[measure] - baseline[measure]) / (1 - baseline[measure]);
  return { precision: map("precision"), recall: map("recall"), fmeasure: map("fmeasure") };
}

function refused(path: string, what: string): UserError {
  return new UserError(
    `${path}: ${what}. Give a comma-separated file with the columns LAYER,P,R,F, made for this encoder.`,
    { code: "bertscore-baseline", facts: { path } },
  );
}
