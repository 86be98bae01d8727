/** The charts of a benchmark: its runs with their intervals, wins and losses, and where the runs differ. */
import { groupedIntervalChart } from "../chart/chart-grouped-intervals.ts";
import { intervalChart } from "../chart/chart-intervals.ts";
import { shareChart } from "../chart/chart-shares.ts";
import { visibleText } from "../report/foreign-text.ts";
import type { ReportChart } from "../report/report-document.ts";
import type { BenchmarkComparison, Comparison } from "./comparison.ts";

export function benchmarkCharts(benchmark: BenchmarkComparison, comparison: Comparison): ReportChart[] {
  const place = comparison.benchmarks.indexOf(benchmark) + 1;
  // A benchmark's name comes from data, and two may be spelled alike but for signs that no file name should have.
  const stem = `${place}-${benchmark.benchmark.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`;
  return [
    { file: `${stem}-runs.svg`, ...runsChart(benchmark, comparison) },
    ...(benchmark.isPairwise ? [{ file: `${stem}-outcomes.svg`, ...outcomesChart(benchmark) }] : []),
    ...(benchmark.parts.length === 0
      ? []
      : [{ file: `${stem}-parts.svg`, ...partsChart(benchmark, comparison) }]),
  ];
}

type Drawn = Pick<ReportChart, "title" | "svg">;

function runsChart({ title: name, measure, runs, against }: BenchmarkComparison, all: Comparison): Drawn {
  const title = visibleText(`${name}: all runs`);
  return {
    title,
    svg: intervalChart({
      title,
      label: visibleText(`${measure}, in percent`),
      rows: runs.map(({ run, score }) => ({
        name: visibleText(run),
        estimate: score,
        colour: colourOf(run, all),
      })),
      reference: against === "even" ? 50 : undefined,
    }),
  };
}

function outcomesChart({ title: name, runs }: BenchmarkComparison): Drawn {
  const title = visibleText(`${name}: won, tied, lost`);
  return {
    title,
    svg: shareChart({
      title,
      rows: runs.map(({ run, metrics }) => ({
        name: visibleText(run),
        shares: ["win", "tie", "lose"].map((outcome) => ({ name: outcome, percent: metrics[outcome] ?? 0 })),
      })),
    }),
  };
}

/** Differences from the baseline where it is there: they are surer than the means of the two. */
function partsChart(benchmark: BenchmarkComparison, comparison: Comparison): Drawn {
  const { baseline } = comparison;
  const { runs, parts, against, measure } = benchmark;
  const areDifferences = against === "baseline";
  const shown = runs
    .map(({ run }, index) => ({ run, index }))
    .filter(({ run }) => !areDifferences || run !== baseline);
  const title = visibleText(
    areDifferences
      ? `${benchmark.title}: difference from ${baseline}`
      : `${benchmark.title} by ${benchmark.partsAre}`,
  );
  return {
    title,
    svg: groupedIntervalChart({
      title,
      label: visibleText(areDifferences ? `${measure}, percentage points` : `${measure}, in percent`),
      series: shown.map(({ run }) => ({
        name: visibleText(run),
        colour: colourOf(run, comparison),
      })),
      rows: parts.map(({ name, scores, differences }) => ({
        name: visibleText(name.replaceAll("_", " ")),
        estimates: shown.map(({ index }) => (areDifferences ? differences[index] : scores[index])),
      })),
      reference: areDifferences ? 0 : against === "even" ? 50 : undefined,
    }),
  };
}

/** A run keeps its colour in all charts. */
function colourOf(run: string, { runs }: Comparison): number {
  return runs.findIndex(({ name }) => name === run);
}
