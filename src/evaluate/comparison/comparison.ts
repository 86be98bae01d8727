/** What `tuna report` finds, as numbers: `report.json`, and what the readable reports are written from. */
import type { Estimate } from "../statistics/estimate.ts";
import type { BenchmarkKind } from "./benchmark-kind.ts";

export interface Comparison {
  /** The name of the run that the others are compared with. */
  readonly baseline: string;
  readonly seed: number;
  readonly runs: readonly { readonly name: string; readonly models: readonly string[] }[];
  readonly benchmarks: readonly BenchmarkComparison[];
  /** Over how many tests p is corrected (Holm). */
  readonly numTests: number;
}

export interface BenchmarkComparison extends Pick<
  BenchmarkKind,
  "title" | "columns" | "measure" | "measuresHeadline" | "isPairwise" | "partsAre"
> {
  readonly benchmark: string;
  readonly headline: string;
  /** What differences are from: the baseline's scores, or as many wins as losses; undefined where nothing is tested. */
  readonly against: "baseline" | "even" | undefined;
  /** Items that are tested: those that all the runs below have. */
  readonly commonItems: number;
  /** Common items whose question reads differently in different runs. */
  readonly otherQuestions: number;
  /** Common items that were judged against different answers in different runs. */
  readonly otherRivals: number;
  /** Those that have this benchmark. */
  readonly runs: readonly RunOutcome[];
  readonly parts: readonly PartOutcome[];
  readonly examples: readonly ExampleItem[];
}

export interface RunOutcome {
  readonly run: string;
  /** In percent, over all items of the run, as its own evaluation says; means of its seeds. */
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly headlineBySeed: readonly (number | null)[];
  /** Whose answers its own were judged against. */
  readonly rivals: readonly string[];
  /** Items that another run has not, so that they are left out of the tests. */
  readonly leftOut: number;
  /** Items that only some of its own seeds have. */
  readonly notInAllSeeds: number;
  /** The mean score over the common items, in percent. */
  readonly score: Estimate;
  /** Undefined for the baseline itself, and where there is nothing to test against. */
  readonly test: PairedTest | undefined;
}

export interface PairedTest {
  /** In percentage points; above 0, the run is better. */
  readonly difference: Estimate;
  /** Of the permutation test. */
  readonly p: number;
  /** Corrected for all tests of the comparison. */
  readonly holmP: number;
}

export interface PartOutcome {
  readonly name: string;
  readonly items: number;
  /** In the order of the benchmark's runs. */
  readonly scores: readonly Estimate[];
  /** The same; undefined as in `RunOutcome.test`. */
  readonly differences: readonly (Estimate | undefined)[];
}

export interface ExampleItem {
  readonly task: string;
  readonly id: string;
  readonly group: string;
  readonly question: string;
  readonly answers: readonly ExampleAnswer[];
}

export interface ExampleAnswer {
  readonly run: string;
  /** Of the first seed. */
  readonly prediction: string;
  /** What it was judged against; also of the first seed. */
  readonly rivalAnswer: string | undefined;
  /** From 0 to 1, of this prediction. */
  readonly score: number;
  /** The mean of the run's seeds. */
  readonly meanScore: number;
}
