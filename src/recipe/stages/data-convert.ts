/** Rows of one format and kind of file as another. */
import { z } from "zod";
import { convertRows, type ConvertTally } from "../../data/convert.ts";
import { writeObjects } from "../../data/containers/write-objects.ts";
import { firstOf } from "../../data/first-of.ts";
import { FORMAT_NAMES, formatNamed } from "../../data/formats/index.ts";
import { OUTPUTS } from "../../data/other-record.ts";
import { isList } from "../../data/read-rows.ts";
import { promptOf } from "../../model/index.ts";
import { countOf } from "../../text/count-of.ts";
import { checkDataPaths, dataFields, readingData, rejectsInWords } from "../data-stage.ts";
import { fields } from "../fields.ts";
import { defineStage } from "../stage.ts";

export const dataConvert = defineStage({
  kind: "data convert",
  summary: "Convert data from one format or kind of file to another.",
  output: "file",
  options: z.strictObject({
    data: dataFields.data,
    out: dataFields.out,
    to: z
      .enum(FORMAT_NAMES)
      .optional()
      .meta({ placeholder: "FORMAT" })
      .describe(
        `Format to write: ${FORMAT_NAMES.join(", ")}. Default: alpaca for instruction data, ranked for lists.`,
      ),
    format: dataFields.format,
    outputs: z
      .enum(OUTPUTS)
      .default("original")
      .describe(
        "Which responses of a list become rows of instruction data: the original, the best-ranked, or all of them, the original first.",
      ),
    template: fields.template.describe(
      "Where ranked lists have one text for instruction and input: how to write it. chat: as messages, where there is a choice.",
    ),
    rejects: dataFields.rejects,
  }),
  run(options, reporter) {
    const { data, out, to, outputs, template, rejects: rejectsPath } = options;
    checkDataPaths(options);
    return readingData(options, reporter, async ({ rows, rejects }) => {
      const { first, all } = await firstOf(rows(data), 1);
      const format = formatNamed(to ?? (first.every(isList) ? "ranked" : "alpaca"));
      const style = {
        promptOf: (row: { instruction: string; input: string }) => promptOf(template, row),
        asMessages: template === "chat",
      };
      const tally: ConvertTally = { read: 0, written: 0, empty: 0, lost: {} };
      await writeObjects(
        out,
        convertRows(all, { source: data, to: format, style, outputs, reject: rejects.of(data) }, tally),
      );
      const { written, empty, lost } = tally;
      for (const note of notesOn(tally, format.name)) reporter.say(`note: ${note}`);
      return {
        value: { out, format: format.name, read: tally.read, written, empty, lost, rejected: rejects.count },
        text: `${out}: ${countOf(written, "row")} of ${format.name}${rejectsInWords(rejects, rejectsPath)}`,
      };
    });
  },
});

function notesOn({ empty, lost }: ConvertTally, format: string): string[] {
  const fieldsLost = Object.entries(lost).map(([field, rows]) => `${field} (${countOf(rows, "row")})`);
  return [
    ...(empty > 0 ? [`${countOf(empty, "list")} without two ranks became no row of ${format}`] : []),
    ...(fieldsLost.length > 0 ? [`not kept in ${format}: ${fieldsLost.join(", ")}`] : []),
  ];
}
