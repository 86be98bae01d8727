/** `tuna eval judge`: the audit of a judge's verdicts. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeJsonLines } from "../../data/jsonl.ts";
import { auditReport } from "../../evaluate/audit/audit-report.ts";
import { estimateText, probabilityText } from "../../evaluate/statistics/estimate-text.ts";
import { type JudgeAudit, auditJudges } from "../../evaluate/audit/judge-audit.ts";
import { itemDetails } from "../../evaluate/audit/item-details.ts";
import { readHumanRanks } from "../../evaluate/audit/read-human-ranks.ts";
import { readVerdicts } from "../../evaluate/audit/read-verdicts.ts";
import { chartsOf, reportHtml, reportMarkdown } from "../../evaluate/report/report-document.ts";
import { fields } from "../../recipe/fields.ts";
import { checkOutputs } from "../../recipe/output-file.ts";
import { defineCommand } from "../command.ts";
import { table } from "../table.ts";

export const command = defineCommand({
  name: "eval judge",
  summary: "Biases of a judge, and its agreement with itself, other judges and people.",
  examples: [
    "tuna eval judge --data ranked.jsonl --out runs/audit",
    "tuna eval judge --data verdicts.jsonl --human human-ranks.csv --out runs/audit",
  ],
  options: z.strictObject({
    data: z
      .string()
      .meta({ placeholder: "ranked.jsonl" })
      .describe(
        "Ranked lists of tuna rank contextual, or verdicts {id, judge, order, ranks, texts}, one a line.",
      ),
    human: z
      .string()
      .optional()
      .meta({ placeholder: "F.csv|F.jsonl" })
      .describe("Ranks by people: rows {id, annotator, ranks}, or CSV with id, response, rank, annotator."),
    out: z
      .string()
      .meta({ placeholder: "DIR" })
      .describe("Folder for the report: report.html, report.md, audit.json."),
    details: z
      .string()
      .optional()
      .meta({ placeholder: "F.jsonl" })
      .describe("Write what was measured of each item here, in the order of the data."),
    seed: fields.seed,
  }),
  async run({ data, human: humanPath, out, details, seed }, io) {
    const at = (name: string): string => join(out, name);
    checkOutputs(
      { "--out": at("report.html"), "--details": details },
      { "--data": data, "--human": humanPath },
    );
    const items = await readVerdicts(data);
    const human = humanPath === undefined ? undefined : await readHumanRanks(humanPath, items);
    const audit = auditJudges(items, { human, seed });
    const report = auditReport(audit);
    writeFileSync(at("report.html"), reportHtml(report));
    writeFileSync(at("report.md"), reportMarkdown(report));
    writeFileSync(at("audit.json"), `${JSON.stringify(audit, null, 2)}\n`);
    for (const { file, svg } of chartsOf(report)) writeFileSync(at(file), svg);
    if (details !== undefined) await writeJsonLines(details, itemDetails(items, human));
    io.result(audit, `${summary(audit)}\n${at("report.html")}`);
  },
});

function summary({ judges, acrossJudges }: JudgeAudit): string {
  return judges
    .map(({ judge, verdicts, position, length, acrossPermutations, human }) => {
      const rows = [
        ["verdicts", String(verdicts)],
        ...position.map(({ numShown, pValue }) => [
          `place matters (${numShown} shown)`,
          `p ${probabilityText(pValue)}`,
        ]),
        ["length and quality, rho", estimateText(length?.correlation)],
        ["across orders, tau-b", estimateText(acrossPermutations?.tau)],
        ["across judges, W", estimateText(acrossJudges?.w)],
        ["with people, on pairs", estimateText(human?.pairAccuracy)],
        ["with people, kappa", estimateText(human?.kappa)],
      ];
      return `${judge}\n${table(rows.filter(([, value]) => value !== "-").map(([name, value]) => [`  ${name}`, value!]))}`;
    })
    .join("\n");
}
