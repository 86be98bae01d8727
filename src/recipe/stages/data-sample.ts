/** Some rows of a data set, such as the paper's first 13,000 or all behind them. */
import { z } from "zod";
import { chooseRows } from "../../data/sample-rows.ts";
import { writeRows } from "../../data/write-rows.ts";
import { countOf } from "../../text/count-of.ts";
import { checkDataPaths, dataFields, readingData, rejectsInWords } from "../data-stage.ts";
import { fields } from "../fields.ts";
import { defineStage } from "../stage.ts";

const count = z.number().int().nonnegative();

export const dataSample = defineStage({
  kind: "data sample",
  summary: "Take some rows of a data set, in their order.",
  output: "file",
  options: z
    .strictObject({
      data: dataFields.data,
      out: dataFields.out,
      first: count.positive().optional().describe("Take the first rows."),
      random: count
        .positive()
        .optional()
        .describe("Take rows at random, all sets of so many equally likely."),
      skip: count.default(0).describe("Pass over the first rows."),
      seed: fields.seed.describe("Seed of --random."),
      format: dataFields.format,
      rejects: dataFields.rejects,
    })
    .refine(({ first, random }) => first === undefined || random === undefined, {
      message: "Give --first or --random, not both.",
      abort: true,
    })
    .refine(({ first, random, skip }) => first !== undefined || random !== undefined || skip > 0, {
      message: "Say which rows to take: --first N, --random N, or --skip N for all behind the first N.",
    }),
  run(options, reporter) {
    const { data, out, first, random, skip, rejects: rejectsPath } = options;
    checkDataPaths(options);
    return readingData(options, reporter, async ({ rows, rejects }) => {
      const written = await writeRows(out, chooseRows(rows(data), options));
      const wanted = first ?? random;
      if (wanted !== undefined && written < wanted)
        reporter.say(`note: ${countOf(wanted, "row")} were asked for, ${written} are there`);
      return {
        value: { out, rows: written, skipped: skip, rejected: rejects.count },
        text: `${out}: ${countOf(written, "row")}${rejectsInWords(rejects, rejectsPath)}`,
      };
    });
  },
});
