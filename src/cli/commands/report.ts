/** `tuna report`: evaluated runs side by side. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { compareRuns } from "../../evaluate/comparison/compare-runs.ts";
import { comparisonReport } from "../../evaluate/comparison/comparison-report.ts";
import { overviewNotes, tableOne } from "../../evaluate/comparison/table-one.ts";
import { chartsOf, reportHtml, reportMarkdown } from "../../evaluate/report/report-document.ts";
import type { Comparison } from "../../evaluate/comparison/comparison.ts";
import { readEvaluation } from "../../recipe/evaluation-folder.ts";
import { fields } from "../../recipe/fields.ts";
import { checkOutputs } from "../../recipe/output-file.ts";
import { defineCommand } from "../command.ts";
import { namedRuns } from "../named-runs.ts";
import { table } from "../table.ts";

export const command = defineCommand({
  name: "report",
  summary: "Compares evaluated runs: Table 1, intervals and tests, charts, answers side by side.",
  examples: [
    "tuna report sft=runs/sft/eval tuna=runs/tuna/eval --out runs/report",
    "tuna report sft=runs/sft-1,runs/sft-2,runs/sft-3 tuna=runs/tuna-1,runs/tuna-2,runs/tuna-3 --out runs/report",
  ],
  options: z.strictObject({
    runs: z
      .array(z.string())
      .min(1)
      .meta({ placeholder: "[NAME=]DIR[,DIR]" })
      .describe(
        "Folders of tuna eval ... --results or of tuna eval all; several for one NAME are its seeds.",
      ),
    baseline: z
      .string()
      .optional()
      .meta({ placeholder: "NAME" })
      .describe("The run that the others are compared with; default: the first."),
    out: z
      .string()
      .optional()
      .meta({ placeholder: "DIR" })
      .describe("Folder for the report: report.html, report.md with its charts, report.json."),
    examples: z
      .number()
      .int()
      .min(0)
      .max(100)
      .default(5)
      .describe("Items of each benchmark to show with all answers: those on which runs differ most."),
    seed: fields.seed,
  }),
  positionals: ["runs"],
  async run({ runs: texts, baseline, out, examples, seed }, io) {
    const at = (name: string): string => join(out ?? "", name);
    const named = namedRuns(texts);
    if (out !== undefined) checkOutputs({ "--out": at("report.html") }, {});
    const runs = [];
    for (const { name, folders } of named) {
      const seeds = [];
      for (const folder of folders) seeds.push(await readEvaluation(folder));
      runs.push({ name, seeds });
    }
    const comparison = compareRuns(runs, { baseline, seed, numExamples: examples });
    if (out === undefined) return io.result(comparison, summary(comparison));
    const report = comparisonReport(comparison);
    writeFileSync(at("report.html"), reportHtml(report));
    writeFileSync(at("report.md"), reportMarkdown(report));
    writeFileSync(at("report.json"), `${JSON.stringify(comparison, null, 2)}\n`);
    for (const { file, svg } of chartsOf(report)) writeFileSync(at(file), svg);
    io.result(comparison, `${summary(comparison)}\n${at("report.html")}`);
  },
});

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
