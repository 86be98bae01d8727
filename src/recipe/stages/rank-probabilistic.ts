/** Probabilistic ranking (Eq. 3) of sampled responses by the log-probabilities that came with them. */
import { z } from "zod";
import { readRankedLists } from "../../data/read-examples.ts";
import { writeJsonLines } from "../../data/jsonl.ts";
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
    out: fields.outFile,
    lengthPenalty: z
      .number()
      .nonnegative()
      .default(DEFAULT_LENGTH_PENALTY)
      .describe("beta of Eq. 3; above 1 favours longer responses."),
  }),
  async run({ data, out, lengthPenalty }) {
    checkOutputs({ "--out": out }, { "--data": data });
    const ranked = (await readRankedLists(data)).map((list) =>
      rankProbabilistically(list, { lengthPenalty }),
    );
    await writeJsonLines(out, ranked);
    return { value: { out, ranked: ranked.length }, text: `${out}: ${ranked.length} ranked lists` };
  },
});
