/** A data set without rows whose instruction was there before. */
import { z } from "zod";
import { DEDUPE_RULES, isNewBy } from "../../data/dedupe.ts";
import type { Row } from "../../data/read-rows.ts";
import { writeRows } from "../../data/write-rows.ts";
import { countOf } from "../../text/count-of.ts";
import { checkDataPaths, dataFields, readingData, rejectsInWords } from "../data-stage.ts";
import { defineStage } from "../stage.ts";

/** Self-Instruct's, by which Alpaca's instructions were kept apart. */
const DEFAULT_THRESHOLD = 0.7;

export const dataDedupe = defineStage({
  kind: "data dedupe",
  summary: "Leave out rows whose instruction, with its input, was there before.",
  output: "file",
  options: z
    .strictObject({
      data: dataFields.data,
      out: dataFields.out,
      by: z
        .enum(DEDUPE_RULES)
        .default("exact")
        .describe(
          "exact: equal texts. normalized: equal but for case, white space and punctuation at the ends. rouge: as similar as --threshold.",
        ),
      threshold: z
        .number()
        .gt(0)
        .max(1)
        .optional()
        .describe(
          `With --by rouge: texts of this ROUGE-L F are duplicates. Default ${DEFAULT_THRESHOLD}, Self-Instruct's.`,
        ),
      tokenizer: z
        .enum(["ascii", "unicode"])
        .optional()
        .describe("With --by rouge: words as in the paper (ascii, the default), or of any script."),
      format: dataFields.format,
      rejects: dataFields.rejects,
    })
    .refine(({ by, threshold, tokenizer }) => by === "rouge" || (threshold ?? tokenizer) === undefined, {
      message: "--threshold and --tokenizer have an effect with --by rouge only. Leave them out, or add it.",
    }),
  complete: (options) =>
    options.by === "rouge"
      ? { threshold: DEFAULT_THRESHOLD, tokenizer: "ascii" as const, ...options }
      : options,
  run(options, reporter) {
    const {
      data,
      out,
      by,
      threshold = DEFAULT_THRESHOLD,
      tokenizer = "ascii",
      rejects: rejectsPath,
    } = options;
    checkDataPaths(options);
    return readingData(options, reporter, async ({ rows, rejects }) => {
      const isNew = await isNewBy(by, { threshold, tokenizer }, () => rows(data, "again"));
      let dropped = 0;
      const distinct = async function* (): AsyncGenerator<Row> {
        for await (const row of rows(data)) {
          if (isNew(row)) yield row;
          else dropped++;
        }
      };
      const written = await writeRows(out, distinct());
      return {
        value: { out, rows: written, dropped, rejected: rejects.count },
        text: `${out}: ${countOf(written, "row")}, ${countOf(dropped, "duplicate")} left out${rejectsInWords(rejects, rejectsPath)}`,
      };
    });
  },
});
