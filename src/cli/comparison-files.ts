/** The comparison of evaluated runs as files and on the terminal: what `tuna report` gives, and `tuna eval all` at its end. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as eventLoopTurn } from "node:timers/promises";
import { type ComparisonOptions, compareRuns } from "../evaluate/comparison/compare-runs.ts";
import type { Comparison } from "../evaluate/comparison/comparison.ts";
import { comparisonReport } from "../evaluate/comparison/comparison-report.ts";
import type { EvaluatedRun } from "../evaluate/comparison/pool-seeds.ts";
import { overviewNotes, tableOne } from "../evaluate/comparison/table-one.ts";
import { chartsOf, reportHtml, reportMarkdown } from "../evaluate/report/report-document.ts";
import { readEvaluation } from "../recipe/evaluation-folder.ts";
import { orInterrupted } from "../recipe/interruption.ts";
import type { CommandIo } from "./io.ts";
import type { NamedRun } from "./named-runs.ts";
import { table } from "./table.ts";

export interface ComparisonFiles {
  readonly runs: readonly NamedRun[];
  /** Default: the first. */
  readonly baseline?: string | undefined;
  /** Folder of the report; without it there are no files. */
  readonly out?: string | undefined;
  /** Items of each benchmark to show. */
  readonly examples: number;
  readonly seed: number;
}

/** Gives the command's result. */
export async function writeComparison(
  { runs: named, baseline, out, examples, seed }: ComparisonFiles,
  io: CommandIo,
): Promise<void> {
  const runs = [];
  for (const { name, folders } of named) {
    const seeds = [];
    for (const folder of folders) seeds.push(await readEvaluation(folder));
    runs.push({ name, seeds });
  }
  const comparison = await compareWatched(runs, { baseline, seed, numExamples: examples }, io);
  if (out === undefined) return io.result(comparison, summary(comparison));
  const at = (name: string): string => join(out, name);
  const report = comparisonReport(comparison);
  writeFileSync(at("report.html"), reportHtml(report));
  writeFileSync(at("report.md"), reportMarkdown(report));
  writeFileSync(at("report.json"), `${JSON.stringify(comparison, null, 2)}\n`);
  for (const { file, svg } of chartsOf(report)) writeFileSync(at(file), svg);
  io.result(comparison, `${summary(comparison)}\n${at("report.html")}`);
}

/** Many items take minutes: meanwhile a bar names the benchmark, and an interruption ends the work. */
async function compareWatched(
  runs: readonly EvaluatedRun[],
  options: ComparisonOptions,
  io: CommandIo,
): Promise<Comparison> {
  const results = runs.flatMap(({ seeds }) => seeds.flatMap((seed) => seed.results));
  const names = new Set(results.map(({ benchmark }) => benchmark));
  const bar = io.progress("compare", names.size);
  const begun = new Set<string>();
  const pause = async (benchmark: string): Promise<void> => {
    begun.add(benchmark);
    bar.update(begun.size - 1, benchmark);
    await eventLoopTurn();
    io.signal.throwIfAborted();
  };
  return orInterrupted({ signal: io.signal, saved: "there is no report yet" }, () =>
    compareRuns(runs, { ...options, pause }),
  ).finally(() => bar.done());
}

/** Table 1 for a terminal. */
function summary(comparison: Comparison): string {
  const { tables = [] } = tableOne(comparison);
  const lines = tables.flatMap(({ groups = [], header, rows }) => {
    const groupOf = groups.flatMap(({ name, columns }) => Array.from({ length: columns }, () => name));
    const headings = header.map((name, i) => `${groupOf[i]!} ${name}`.trim());
    return [headings, ...rows.map((row) => row.map((cell) => (typeof cell === "string" ? cell : cell.text)))];
  });
  return [table(lines), ...overviewNotes(comparison)].join("\n");
}
