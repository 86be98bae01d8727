/** A data set in parts that share no instruction, such as for training and for evaluation. */
import { join } from "node:path";
import { z } from "zod";
import { instructionKey, shortKey } from "../../data/instruction-key.ts";
import type { Row } from "../../data/read-rows.ts";
import { assignParts, parseParts } from "../../data/split.ts";
import { writeRows } from "../../data/write-rows.ts";
import { checkDataPaths, dataFields, readingData, rejectsInWords } from "../data-stage.ts";
import { fields } from "../fields.ts";
import { defineStage } from "../stage.ts";

export const dataSplit = defineStage({
  kind: "data split",
  summary: "Split data by instruction into parts, such as for training and for evaluation.",
  output: "folder",
  options: z.strictObject({
    data: dataFields.data,
    out: z
      .string()
      .meta({ placeholder: "DIR" })
      .describe("Folder to write; each part is a file NAME.jsonl in it."),
    parts: z
      .array(z.string())
      .min(2)
      .meta({ placeholder: "NAME=SHARE" })
      .default(["train=0.9", "test=0.1"])
      .describe(
        "Names and shares of the rows. All rows of an instruction, whatever its input, come into one part.",
      ),
    seed: fields.seed,
    format: dataFields.format,
    rejects: dataFields.rejects,
  }),
  check: ({ parts }) => void parseParts(parts),
  run(options, reporter) {
    const { data, out, seed, rejects: rejectsPath } = options;
    const parts = parseParts(options.parts);
    const paths = parts.map(({ name }) => join(out, `${name}.jsonl`));
    for (const path of paths) checkDataPaths({ ...options, out: path });
    return readingData(options, reporter, async ({ rows, rejects }) => {
      const assigned = assignParts(await countByKey(rows(data)), parts, seed);
      const counts: Record<string, number> = {};
      for (const [index, { name }] of parts.entries()) {
        const own = (row: Row): boolean => assigned.get(keyOf(row)) === name;
        counts[name] = await writeRows(paths[index]!, filtered(rows(data, "again"), own));
      }
      const inWords = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
      return {
        value: { out, rows: counts, rejected: rejects.count },
        text: `${out}: rows in ${inWords.join(", ")}${rejectsInWords(rejects, rejectsPath)}`,
      };
    });
  },
});

function keyOf(row: Row): string {
  return shortKey(instructionKey(row));
}

async function countByKey(rows: AsyncIterable<Row>): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for await (const row of rows) counts.set(keyOf(row), (counts.get(keyOf(row)) ?? 0) + 1);
  return counts;
}

async function* filtered(rows: AsyncIterable<Row>, keep: (row: Row) => boolean): AsyncGenerator<Row> {
  for await (const row of rows) if (keep(row)) yield row;
}
