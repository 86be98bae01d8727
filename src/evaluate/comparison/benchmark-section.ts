/** A benchmark's section of the report: every run with its interval, the tests, all metrics, the parts. */
import { countOf } from "../../text/count-of.ts";
import { shortText } from "../report/foreign-text.ts";
import type { ReportSection } from "../report/report-document.ts";
import type { ReportTable } from "../report/report-table.ts";
import { probabilityText } from "../statistics/estimate-text.ts";
import { acrossSeeds } from "../statistics/paired.ts";
import { metricText } from "./benchmark-kind.ts";
import { benchmarkCharts } from "./comparison-charts.ts";
import type { BenchmarkComparison, Comparison } from "./comparison.ts";
import {
  percentEstimateText,
  percentText,
  pointsEstimateText,
  pointsText,
  inSeries,
  significanceMark,
} from "./comparison-text.ts";

export function benchmarkSection(benchmark: BenchmarkComparison, comparison: Comparison): ReportSection {
  return {
    title: benchmark.title,
    text: [whatIsTested(benchmark, comparison)],
    tables: [outcomes(benchmark), ...metrics(benchmark), ...parts(benchmark)],
    charts: benchmarkCharts(benchmark, comparison),
    notes: notes(benchmark),
  };
}

function whatIsTested(benchmark: BenchmarkComparison, { baseline }: Comparison): string {
  const { commonItems, runs, against } = benchmark;
  const names = runs.map(({ run }) => run);
  const shared = names.length === 1 ? "" : `, which ${inSeries(names)} have in common`;
  const without = names.includes(baseline) ? "" : `${baseline} has no result here`;
  const tested = {
    baseline: `Differences are from ${baseline}, item by item.`,
    even: `${without && `${without}. `}Tested is whether there are as many wins as losses: a win rate of 50.`,
    none: without && `${without}, so nothing is tested.`,
  }[against ?? "none"];
  return [`${countOf(commonItems, "item")}${shared}.`, measureInWords(benchmark), tested]
    .filter(Boolean)
    .join(" ");
}

function measureInWords({
  benchmark,
  headline,
  isPairwise,
  measuresHeadline,
  runs,
}: BenchmarkComparison): string {
  if (isPairwise) {
    const rivals = new Set(runs.flatMap((run) => run.rivals));
    const rival = rivals.size === 1 ? [...rivals][0]! : "another model";
    return `Each item was won, tied or lost against the answer of ${rival}; intervals and tests are of the share of wins, where a tie is half of one.`;
  }
  if (benchmark === "lmentry") {
    return (
      "The LMentry score is accuracy times robustness and so no mean over items: intervals and tests are of the accuracy on the core tasks, " +
      "where each task counts alike."
    );
  }
  const name = metricText(headline);
  return measuresHeadline
    ? `The headline, ${name}, is the mean of the items' scores.`
    : `The headline, ${name}, is no mean of the items' scores: intervals and tests are of that mean.`;
}

function outcomes({ runs, headline, measure, ...benchmark }: BenchmarkComparison): ReportTable {
  const isSame = benchmark.measuresHeadline && runs.every(({ leftOut }) => leftOut === 0);
  const hasSeeds = runs.some(({ headlineBySeed }) => headlineBySeed.length > 1);
  return {
    header: [
      "",
      ...(isSame ? [] : [metricText(headline)]),
      `${measure} (95 %)`,
      ...(benchmark.against === undefined
        ? []
        : [`${benchmark.against === "even" ? "from 50" : "difference"} (95 %)`, "p", "p (Holm)"]),
      ...(hasSeeds ? [`${metricText(headline)} of each seed`] : []),
    ],
    rows: runs.map(({ run, metrics: values, score, test, headlineBySeed }) => [
      run,
      ...(isSame ? [] : [percentText(values[headline])]),
      percentEstimateText(score),
      ...(benchmark.against === undefined
        ? []
        : test === undefined
          ? ["", "", ""]
          : [
              `${pointsEstimateText(test.difference)} ${significanceMark(test)}`.trim(),
              probabilityText(test.p),
              probabilityText(test.holmP),
            ]),
      ...(hasSeeds ? [seedsText(headlineBySeed)] : []),
    ]),
  };
}

/** `51.8, 50.5, 51.6 (SD 0.7)`. */
function seedsText(values: readonly (number | null)[]): string {
  const deviation = acrossSeeds(values.flatMap((value) => (value === null ? [] : [[value]])));
  const spread = deviation === undefined ? "" : ` (SD ${percentText(deviation)})`;
  return `${values.map(percentText).join(", ")}${spread}`;
}

/** Where there are more than Table 1 has. */
function metrics({ runs, columns }: BenchmarkComparison): ReportTable[] {
  const named = new Set(runs.flatMap((run) => Object.keys(run.metrics)));
  const names = [...named].filter((name) => runs.some((run) => typeof run.metrics[name] === "number"));
  if (names.length <= columns.length) return [];
  return [
    {
      header: ["", ...names.map(metricText)],
      rows: runs.map((run) => [run.run, ...names.map((name) => percentText(run.metrics[name]))]),
    },
  ];
}

function parts({ runs, parts: all, partsAre, against }: BenchmarkComparison): ReportTable[] {
  if (all.length === 0) return [];
  return [
    {
      header: [partsAre, "items", ...runs.map(({ run }) => headingOf(run))],
      rows: all.map(({ name, items, scores, differences }) => [
        partText(name),
        String(items),
        ...scores.map(({ value }, i) => {
          const difference = differences[i];
          return difference === undefined || against === "even"
            ? percentText(value)
            : `${percentText(value)} (${pointsText(difference.value)})`;
        }),
      ]),
    },
  ];
}

/** A heading as wide as some figures: the whole name stands in other tables. */
function headingOf(run: string): string {
  const { text, more } = shortText(run, { most: 24, slack: 1 });
  return more === 0 ? text : `${text}…`;
}

/** `title_generation` in words. */
export function partText(name: string): string {
  return name.replaceAll("_", " ") || "(no name)";
}

function notes({
  runs,
  parts: all,
  otherQuestions,
  otherRivals,
  commonItems,
}: BenchmarkComparison): string[] {
  const leftOut = runs.filter((run) => run.leftOut > 0);
  const unpooled = runs.filter((run) => run.notInAllSeeds > 0);
  return [
    ...(leftOut.length === 0
      ? []
      : [
          `Left out of intervals and tests, because another run has them not: ${leftOut.map((run) => `${countOf(run.leftOut, "item")} of ${run.run}`).join(", ")}. ` +
            "Metrics are those of each run's own evaluation, with all its items.",
        ]),
    ...unpooled.map(
      (run) => `${run.run}: ${countOf(run.notInAllSeeds, "item")} left out that only some of its seeds have.`,
    ),
    ...(otherQuestions === 0
      ? []
      : [
          `The question of ${countOf(otherQuestions, "item")} reads differently in different runs: was it asked in another form, or are these other data?`,
        ]),
    ...(otherRivals === 0
      ? []
      : [
          `In ${countOf(otherRivals, "item")}, runs were judged against different answers (${runs.map(({ run, rivals }) => `${run}: ${rivals.join("; ") || "unknown"}`).join(", ")}). ` +
            "So each is tested by itself, and their shares of wins cannot be compared.",
        ]),
    ...(commonItems < 20 ? ["So few items give intervals that are too narrow: believe the test."] : []),
    ...(all.length === 0
      ? []
      : [
          "Intervals of the parts are not corrected for their number: of twenty parts that do not differ, one will seem to.",
        ]),
  ];
}
