/** `tuna human scores`: what filled sheets say of the systems, as in the paper's Table 2. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeJsonLines } from "../../data/jsonl.ts";
import { UserError } from "../../errors.ts";
import { readVerdicts } from "../../evaluate/audit/read-verdicts.ts";
import { checkSheet } from "../../evaluate/human/check-sheet.ts";
import { type RankedQuestion, collectRankings } from "../../evaluate/human/collect-rankings.ts";
import { humanReport, markedScore } from "../../evaluate/human/human-report.ts";
import { type HumanScores, humanScores } from "../../evaluate/human/human-scores.ts";
import { type JudgeAgreement, judgeAgreement } from "../../evaluate/human/judge-agreement.ts";
import { readSheetEntries } from "../../evaluate/human/read-sheets.ts";
import { type SheetKey, readSheetKey } from "../../evaluate/human/sheet-key.ts";
import { chartsOf, reportHtml, reportMarkdown } from "../../evaluate/report/report-document.ts";
import { estimateText } from "../../evaluate/statistics/estimate-text.ts";
import { fields } from "../../recipe/fields.ts";
import { checkOutputs } from "../../recipe/output-file.ts";
import { defineCommand } from "../command.ts";
import { table } from "../table.ts";

export const command = defineCommand({
  name: "human scores",
  summary: "Scores of systems from filled sheets, with significance and agreement.",
  examples: [
    "tuna human scores --sheets human/sheets/annotator-1.csv human/sheets/annotator-2.csv --key human/key.json --out human/scores",
  ],
  options: z.strictObject({
    sheets: z
      .array(z.string())
      .min(1)
      .meta({ placeholder: "F.csv|F.jsonl" })
      .describe("The filled sheets, one of each annotator."),
    key: z
      .string()
      .meta({ placeholder: "key.json" })
      .describe("The key that tuna human sheets wrote with them."),
    judge: z
      .string()
      .optional()
      .meta({ placeholder: "F.jsonl" })
      .describe("Verdicts on the same answers, to compare: answers.jsonl after tuna rank contextual."),
    out: z
      .string()
      .meta({ placeholder: "DIR" })
      .describe("Folder for the report: report.html, report.md, scores.json, ranks.jsonl."),
    baseline: z
      .string()
      .optional()
      .meta({ placeholder: "NAME" })
      .describe("The system that * compares with. Default: the first."),
    partial: z.boolean().default(false).describe("Take what there is where sheets or ranks are missing."),
    seed: fields.seed,
  }),
  async run({ sheets: paths, key: keyPath, judge, out, baseline: wanted, partial, seed }, io) {
    const at = (name: string): string => join(out, name);
    const inputs = Object.fromEntries(paths.map((path) => [`--sheets: ${path}`, path]));
    checkOutputs(
      { "--out": at("report.html"), "--out: ranks.jsonl": at("ranks.jsonl") },
      { "--key": keyPath, "--judge": judge, ...inputs },
    );
    const key = readSheetKey(keyPath);
    const baseline = baselineOf(key, wanted);
    const filled = [];
    for (const path of paths) filled.push(checkSheet(path, await readSheetEntries(path), key));
    const questions = collectRankings(filled, key, { partial });
    const { systems } = key;
    const scores = humanScores(questions, { systems, baseline, seed });
    const judges =
      judge === undefined
        ? []
        : judgeAgreement(questions, { path: judge, items: await readVerdicts(judge) }, { systems, seed });
    const report = humanReport(scores, judges);
    const result = { ...scores, judges };
    writeFileSync(at("report.html"), reportHtml(report));
    writeFileSync(at("report.md"), reportMarkdown(report));
    writeFileSync(at("scores.json"), `${JSON.stringify(result, null, 2)}\n`);
    for (const { file, svg } of chartsOf(report)) writeFileSync(at(file), svg);
    await writeJsonLines(at("ranks.jsonl"), ranksOf(questions));
    io.result(result, `${summary(scores, judges)}\n${at("report.html")}`);
  },
});

function baselineOf({ systems }: SheetKey, wanted: string | undefined): string {
  if (wanted === undefined) return systems[0]!;
  if (systems.includes(wanted)) return wanted;
  throw new UserError(`--baseline: expected one of ${systems.join(", ")}, got ${JSON.stringify(wanted)}.`, {
    code: "human-baseline-unknown",
  });
}

/** As `tuna eval judge --human` reads them, by system in the order of answers.jsonl. */
function ranksOf(questions: readonly RankedQuestion[]): object[] {
  return questions.flatMap(({ id, rankings }) =>
    rankings.map(({ annotator, places }) => ({ id, annotator: String(annotator), ranks: places })),
  );
}

function summary({ systems, agreement }: HumanScores, judges: readonly JudgeAgreement[]): string {
  const scores = table(systems.map((system) => [system.name, markedScore(system)]));
  const measures = [
    ["annotators, Kendall's W", estimateText(agreement?.w)],
    ["annotators, Krippendorff's alpha", estimateText(agreement?.alpha)],
    ...judges.map((each) => [`${each.judge}, Spearman in questions`, estimateText(each.agreement?.spearman)]),
  ];
  return `${scores}\n\n${table(measures)}`;
}
