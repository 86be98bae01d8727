/** The overview in the layout of the paper's Table 1: a row a model, differences from the baseline in parentheses, the best bold. */
import type { ReportSection } from "../report/report-document.ts";
import type { ReportCell } from "../report/report-table.ts";
import type { TableColumn } from "./benchmark-kind.ts";
import type { BenchmarkComparison, Comparison, RunOutcome } from "./comparison.ts";
import { MARK_LEGEND, percentText, pointsText, significanceMark } from "./comparison-text.ts";

/** With so many models, the two best are bold, as in the paper. */
const RUNS_FOR_TOP_TWO = 4;

export function tableOne(comparison: Comparison): ReportSection {
  const { baseline, runs, benchmarks } = comparison;
  const columns = benchmarks.flatMap((benchmark) =>
    benchmark.columns.map((column, index) => columnCells(benchmark, column, { index, baseline })),
  );
  return {
    title: "Results",
    text: [],
    tables: [
      {
        groups: [{ name: "", columns: 1 }, ...groupsOf(benchmarks.flatMap((benchmark) => benchmark.columns))],
        header: ["", ...benchmarks.flatMap((benchmark) => benchmark.columns.map(({ name }) => name))],
        rows: runs.map(({ name }) => [name, ...columns.map((cells) => cells.get(name) ?? "-")]),
      },
    ],
    notes: [...overviewNotes(comparison), ...boldNote(comparison)],
  };
}

/** What holds where nothing can be bold, too. */
export function overviewNotes({ baseline, runs, benchmarks, numTests }: Comparison): string[] {
  if (runs.length === 1) return ["In percent."];
  return [
    `In percent, with the difference from ${baseline} in parentheses.`,
    ...benchmarks
      .filter(({ otherRivals }) => otherRivals > 0)
      .map(
        ({ title }) =>
          `${title}: runs were judged against different answers, and cannot be compared with each other.`,
      ),
    ...(numTests === 0
      ? []
      : [
          `${MARK_LEGEND} for a difference, up or down: permutation tests over items, corrected for the ${numTests} of this report (Holm). Each benchmark's section says what is tested.`,
        ]),
  ];
}

function boldNote({ runs }: Comparison): string[] {
  if (runs.length === 1) return [];
  return [`Bold: the ${runs.length < RUNS_FOR_TOP_TWO ? "best" : "two best"} of a column.`];
}

/** By the names of the runs. */
function columnCells(
  { runs, against, otherRivals }: BenchmarkComparison,
  { metric, best }: TableColumn,
  { index, baseline }: { index: number; baseline: string },
): Map<string, ReportCell> {
  const valueOf = ({ metrics }: RunOutcome): number | null => metrics[metric] ?? null;
  const ofBaseline = runs.find(({ run }) => run === baseline);
  const from = against === "baseline" && best !== "none" && ofBaseline ? valueOf(ofBaseline) : null;
  const strong = strongValues(runs.map(valueOf), otherRivals === 0 ? best : "none");
  return new Map(
    runs.map((run): [string, ReportCell] => {
      const value = valueOf(run);
      const difference =
        value === null || from === null || run.run === baseline ? "" : ` (${pointsText(value - from)})`;
      // One test a benchmark: its mark stands with the first of its columns.
      const mark = index === 0 ? significanceMark(run.test) : "";
      const text = `${percentText(value)}${difference}${mark && ` ${mark}`}`;
      return [run.run, { text, strong: strong(value) }];
    }),
  );
}

/** Compared as printed: what looks equal is equally bold. */
function strongValues(
  values: readonly (number | null)[],
  best: TableColumn["best"],
): (value: number | null) => boolean {
  const printed = values.filter((value) => value !== null).map((value) => Number(percentText(value)));
  if (best === "none" || printed.length < 2) return () => false;
  const sorted = printed.toSorted((a, b) => (best === "highest" ? b - a : a - b));
  const strong = new Set(sorted.slice(0, values.length < RUNS_FOR_TOP_TWO ? 1 : 2));
  return (value) => value !== null && strong.has(Number(percentText(value)));
}

/** Neighbours of one group under one name. */
function groupsOf(columns: readonly TableColumn[]): { name: string; columns: number }[] {
  const groups: { name: string; columns: number }[] = [];
  for (const { group } of columns) {
    const last = groups.at(-1);
    if (last?.name === group) last.columns++;
    else groups.push({ name: group, columns: 1 });
  }
  return groups;
}
