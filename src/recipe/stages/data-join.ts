/** Several files of rows as one: mixes of rankings, or the responses of several sources in one list. */
import { z } from "zod";
import { firstOf } from "../../data/first-of.ts";
import { JOIN_KEYS, type JoinTally, concatenate, mergeLists } from "../../data/join.ts";
import { listOf } from "../../data/other-record.ts";
import { type Row, isList } from "../../data/read-rows.ts";
import { writeRows } from "../../data/write-rows.ts";
import { countOf } from "../../text/count-of.ts";
import { checkDataPaths, dataFields, readingData, rejectsInWords } from "../data-stage.ts";
import { defineStage } from "../stage.ts";

export const dataJoin = defineStage({
  kind: "data join",
  summary: "Join files of instruction data or ranked lists into one.",
  output: "file",
  options: z.strictObject({
    data: z
      .array(z.string())
      .min(2)
      .meta({ placeholder: "F", path: "rows" })
      .describe(
        "Two files or more. Where one holds lists, rows of instruction data become lists with an original only.",
      ),
    out: dataFields.out,
    by: z
      .enum(JOIN_KEYS)
      .default("none")
      .describe(
        "none: rows one after another. id, instruction: rows that share it become one list with all their responses; ranks stay where one of them has responses.",
      ),
    format: dataFields.format,
    rejects: dataFields.rejects,
  }),
  run(options, reporter) {
    const { data, out, by, rejects: rejectsPath } = options;
    checkDataPaths(options);
    return readingData(options, reporter, async ({ rows, rejects }) => {
      const tally: JoinTally = { renamed: 0, merged: 0, unranked: 0 };
      const opened = await Promise.all(data.map((path) => firstOf(rows(path), 1)));
      const anyLists = opened.some(({ first }) => first.some(isList));
      const sources = opened.map(({ all }) => (anyLists ? asLists(all) : all));
      const joined = by === "none" ? concatenate(sources, tally) : await mergeLists(sources, by, tally);
      const written = await writeRows(out, joined);
      const notes = notesOn(tally).map((note) => `, ${note}`);
      return {
        value: { out, rows: written, ...tally, rejected: rejects.count },
        text: `${out}: ${countOf(written, "row")}${notes.join("")}${rejectsInWords(rejects, rejectsPath)}`,
      };
    });
  },
});

async function* asLists(rows: AsyncIterable<Row>): AsyncGenerator<Row> {
  for await (const row of rows) yield isList(row) ? row : listOf(row);
}

function notesOn({ renamed, merged, unranked }: JoinTally): string[] {
  return [
    ...(renamed > 0 ? [`${countOf(renamed, "repeated id")} made different`] : []),
    ...(merged > 0 ? [`${countOf(merged, "row")} merged into earlier lists`] : []),
    ...(unranked > 0 ? [`${countOf(unranked, "ranking")} dropped: rank those lists anew`] : []),
  ];
}
