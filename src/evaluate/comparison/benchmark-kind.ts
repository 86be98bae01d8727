/** What a comparison must know of a benchmark: its place in Table 1, and what its items' scores are a measure of. */
import type { PooledItem, PooledResult } from "./pool-seeds.ts";

export interface BenchmarkKind {
  readonly title: string;
  /** The columns of Table 1 (the paper's Table 1): one metric each, under the benchmark's name. */
  readonly columns: readonly TableColumn[];
  /** What the mean of the items' scores is, in words. */
  readonly measure: string;
  /** Whether that mean is the headline itself, and not a measure beside it. */
  readonly measuresHeadline: boolean;
  /** Each item says whether the model won (1), tied (0.5) or lost (0) against another's answer. */
  readonly isPairwise: boolean;
  /** Whether `measure` is the mean over tasks of their means: tasks count alike, however many items they have. */
  readonly isMeanOverTasks: boolean;
  /** The items that are tested; others stand only in metrics. */
  readonly isTested: (item: PooledItem) => boolean;
  /** What an item is a part of, where the runs are compared part by part. */
  readonly partsAre: "category" | "task";
}

export interface TableColumn {
  /** Columns side by side with the same one stand under it. */
  readonly group: string;
  readonly name: string;
  readonly metric: string;
  /** What is printed bold; "none" where neither end is good. */
  readonly best: "highest" | "lowest" | "none";
}

/** What the runs' results of one benchmark have in common. */
export function kindOf(results: readonly PooledResult[]): BenchmarkKind {
  const [{ benchmark, headline }] = results as [PooledResult];
  const isPairwise = results.every(({ metrics }) =>
    PAIRWISE.every(({ metric }) => typeof metrics[metric] === "number"),
  );
  const isLmentry = benchmark === "lmentry";
  const hasCore = isLmentry && results.every(({ items }) => [...items.values()].some(isCore));
  const isTested = hasCore ? isCore : () => true;
  const measuresHeadline = !isLmentry && results.every(isMeanOfItems);
  return {
    title: titleOf(benchmark),
    columns: columnsOf(benchmark, headline, isPairwise),
    measure: isLmentry ? "accuracy" : measuresHeadline ? metricText(headline) : "mean score of items",
    measuresHeadline,
    isPairwise,
    isMeanOverTasks: isLmentry,
    isTested,
    partsAre: partition(results, isTested),
  };
}

/** Super-NI, LMentry, Vicuna QA as in the paper, then others by name. */
export function benchmarkOrder(first: string, second: string): number {
  return rankOf(first) - rankOf(second) || first.localeCompare(second, "en", { numeric: true });
}

/** A metric's name for readers. */
export function metricText(name: string): string {
  return METRIC_TEXT.get(name) ?? name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, " ").toLowerCase();
}

const METRIC_TEXT: ReadonlyMap<string, string> = new Map([
  ["rougeL", "ROUGE-L"],
  ["rouge1", "ROUGE-1"],
  ["bertScore", "BERTScore"],
  ["lmentryScore", "LMentry score"],
]);

const PAIRWISE = [
  { name: "win", metric: "win", best: "highest" },
  { name: "lose", metric: "lose", best: "lowest" },
  { name: "tie", metric: "tie", best: "none" },
] as const;

const SUPER_NI = /^super-ni-(\d+)-shot$/;
const NAMES: ReadonlyMap<string, string> = new Map([
  ["lmentry", "LMentry"],
  ["vicuna-qa", "Vicuna QA"],
]);

function titleOf(benchmark: string): string {
  const shots = SUPER_NI.exec(benchmark)?.[1];
  return shots === undefined ? (NAMES.get(benchmark) ?? benchmark) : `Super-NI, ${shots}-shot`;
}

function columnsOf(benchmark: string, headline: string, isPairwise: boolean): TableColumn[] {
  const group = titleOf(benchmark);
  if (isPairwise) return PAIRWISE.map((column) => ({ group, ...column }));
  const shots = SUPER_NI.exec(benchmark)?.[1];
  const column = { metric: headline, best: "highest" } as const;
  if (shots !== undefined) return [{ group: "Super-NI", name: `${shots}-shot`, ...column }];
  // Its metric is named after it.
  if (benchmark === "lmentry") return [{ group, name: "score", ...column }];
  return [{ group, name: metricText(headline), ...column }];
}

function rankOf(benchmark: string): number {
  if (SUPER_NI.test(benchmark)) return -1;
  const place = [...NAMES.keys()].indexOf(benchmark);
  return place === -1 ? NAMES.size : place;
}

/** LMentry's 25 tasks; its analysis sets repeat some of them to measure robustness. */
function isCore({ group }: PooledItem): boolean {
  return group === "core";
}

/** Half a step of one decimal, the coarsest that a benchmark reports in. */
const ROUNDING = 0.0501;

function isMeanOfItems({ items, metrics, headline }: PooledResult): boolean {
  const scores = [...items.values()].map(({ score }) => score);
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const value = metrics[headline];
  return typeof value === "number" && Math.abs(100 * mean - value) <= ROUNDING;
}

/** Categories are the items' groups; tasks where all tested items are of one group, as LMentry's. */
function partition(
  results: readonly PooledResult[],
  isTested: BenchmarkKind["isTested"],
): BenchmarkKind["partsAre"] {
  const groups = new Set<string>();
  for (const { items } of results)
    for (const item of items.values()) if (isTested(item)) groups.add(item.group);
  return groups.size > 1 ? "category" : "task";
}
