/** `tuna eval bertscore`: BERTScore of predictions against targets. */
import { z } from "zod";
import { readAllJsonLines, writeJsonLines } from "../../data/jsonl.ts";
import { UserError } from "../../errors.ts";
import { bertScoreFields, bertScoring } from "../../recipe/bert-scores.ts";
import { checkOutputs } from "../../recipe/output-file.ts";
import { countOf } from "../../text/count-of.ts";
import { defineCommand } from "../command.ts";
import { table } from "../table.ts";

const pairRow = z.looseObject({
  target: z.union([z.string(), z.array(z.string()).nonempty()]),
  prediction: z.string(),
});

export const command = defineCommand({
  name: "eval bertscore",
  summary: "BERTScore of predictions against targets.",
  examples: [
    "tuna eval bertscore --pairs pairs.jsonl --encoder FacebookAI/roberta-large",
    "tuna eval bertscore --pairs pairs.jsonl --encoder my-encoder --layer 9 --idf --details scores.jsonl --json",
  ],
  options: z.strictObject({
    pairs: z
      .string()
      .meta({ placeholder: "F.jsonl" })
      .describe("Rows {target, prediction}; a target may be a list of references."),
    ...bertScoreFields,
    details: z
      .string()
      .optional()
      .meta({ placeholder: "F.jsonl" })
      .describe("Write the scores of each row here, in the order of the pairs."),
  }),
  async run({ pairs, details, ...settings }, io) {
    const { encoder, baselineFile } = settings;
    checkOutputs(
      { "--details": details },
      { "--pairs": pairs, "--encoder": encoder, "--baseline-file": baselineFile },
    );
    const rows = await readAllJsonLines(pairs, pairRow);
    if (rows.length === 0) throw new UserError(`${pairs} holds no rows`, { code: "bertscore-no-rows" });
    const score = await bertScoring(settings, io);
    const report = await score(rows);
    if (details !== undefined) await writeJsonLines(details, report.scores);
    const unweighed = report.scores.filter(({ precision, recall }) =>
      Number.isNaN(precision + recall),
    ).length;
    if (unweighed > 0)
      io.say(
        `note: ${countOf(unweighed, "pair")} without a precision or recall: what all targets hold weighs nothing with --idf`,
      );
    const { layer, idf, baseline } = report.settings;
    const how = [
      `layer ${layer} of ${report.settings.encoder}`,
      ...(idf ? ["idf"] : []),
      ...(baseline === null ? [] : [`rescaled by ${baseline}`]),
    ];
    const shares = Object.entries(report.mean).map(([measure, share]) => [measure, share.toFixed(4)]);
    io.result(
      { ...report.mean, settings: report.settings },
      `BERTScore, mean of ${countOf(rows.length, "pair")} (${how.join(", ")})\n${table(shares)}`,
    );
  },
});
