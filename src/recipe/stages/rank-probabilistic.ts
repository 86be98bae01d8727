/** Probabilistic ranking (Eq. 3) of sampled responses by the log-probabilities that came with them. */
import { z } from "zod";
import { writeJsonLines } from "../../data/jsonl.ts";
import { readLists } from "../../data/read-rows.ts";
import type { RankedList } from "../../data/record.ts";
import { DEFAULT_LENGTH_PENALTY, rankProbabilistically } from "../../rank/index.ts";
import { fields } from "../fields.ts";
import { checkOutputs } from "../output-file.ts";
import { defineStage } from "../stage.ts";

export const rankProbabilistic = defineStage({
  kind: "rank probabilistic",
  summary: "Rank responses by the teacher's length-normalised log-probability (Eq. 3).",
  output: "file",
  options: z.strictObject({
    data: fields.sampledData,
    format: fields.format,
    out: fields.outFile,
    lengthPenalty: z
      .number()
      .nonnegative()
      .default(DEFAULT_LENGTH_PENALTY)
      .describe("beta of Eq. 3; above 1 favours longer responses."),
  }),
  async run({ data, format, out, lengthPenalty }) {
    checkOutputs({ "--out": out }, { "--data": data });
    let count = 0;
    // List by list, so that any number of them takes the memory of a few.
    const ranked = async function* (): AsyncGenerator<RankedList> {
      for await (const list of readLists(data, { format })) {
        count++;
        yield rankProbabilistically(list, { lengthPenalty });
      }
    };
    await writeJsonLines(out, ranked());
    return { value: { out, ranked: count }, text: `${out}: ${count} ranked lists` };
  },
});
