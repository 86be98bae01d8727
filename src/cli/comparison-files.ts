/** The comparison of evaluated runs as files and on the terminal: what `tuna report` gives, and `tuna eval all` at its end. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { compareRuns } from "../evaluate/comparison/compare-runs.ts";
import type { Comparison } from "../evaluate/comparison/comparison.ts";
import { comparisonReport } from "../evaluate/comparison/comparison-report.ts";
import { overviewNotes, tableOne } from "../evaluate/comparison/table-one.ts";
import { chartsOf, reportHtml, reportMarkdown } from "../evaluate/report/report-document.ts";
import { readEvaluation } from "../recipe/evaluation-folder.ts";
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
  const comparison = compareRuns(runs, { baseline, seed, numExamples: examples });
  if (out === undefined) return io.result(comparison, summary(comparison));
  const at = (name: string): string => join(out, name);
  const report = comparisonReport(comparison);
  writeFileSync(at("report.html"), reportHtml(report));
  writeFileSync(at("report.md"), reportMarkdown(report));
  writeFileSync(at("report.json"), `${JSON.stringify(comparison, null, 2)}\n`);
  for (const { file, svg } of chartsOf(report)) writeFileSync(at(file), svg);
  io.result(comparison, `${summary(comparison)}\n${at("report.html")}`);
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
