/** What a benchmark says of one model, in the form that reports compare. */
import type { ItemName } from "./question.ts";

export interface BenchmarkResult {
  /** `lmentry`, `super-ni-0-shot`, `super-ni-2-shot`, `vicuna-qa`, or the name of a task of one's own. */
  readonly benchmark: string;
  /** The name of the metric that a table shows first. */
  readonly headline: string;
  /** In percent; null where it is undefined. */
  readonly metrics: Readonly<Record<string, number | null>>;
  /** Whose answers the items were judged against, where they were: a model, or a file of answers. */
  readonly rival?: string | undefined;
  readonly items: readonly ScoredItem[];
}

export interface ScoredItem extends ItemName {
  /** What items are grouped by beside their task: a category, `core` and `analysis`. */
  readonly group: string;
  /** From 0 to 1, what paired tests and intervals are computed from. */
  readonly score: number;
  /** For a reader: what was asked and what was answered. */
  readonly question: string;
  readonly prediction: string;
  /** The rival's answer, where it is known. */
  readonly rivalAnswer?: string | undefined;
}
