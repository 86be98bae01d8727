/** `tuna eval rouge`: ROUGE-L of predictions against targets. */
import { z } from "zod";
import { readAllJsonLines, writeJsonLines } from "../../data/jsonl.ts";
import { UserError } from "../../errors.ts";
import { scoreRougePairs } from "../../evaluate/rouge.ts";
import { checkOutputs } from "../../recipe/output-file.ts";
import { defineCommand } from "../command.ts";
import { table } from "../table.ts";

const pairRow = z.looseObject({ target: z.string(), prediction: z.string() });

export const command = defineCommand({
  name: "eval rouge",
  summary: "ROUGE-L of predictions against targets.",
  examples: [
    "tuna eval rouge --pairs pairs.jsonl",
    "tuna eval rouge --pairs pairs.jsonl.gz --details scores.jsonl --json",
  ],
  options: z.strictObject({
    pairs: z.string().meta({ placeholder: "F.jsonl" }).describe("Rows {target, prediction}."),
    details: z
      .string()
      .optional()
      .meta({ placeholder: "F.jsonl" })
      .describe("Write the scores of each row here, in the order of the pairs."),
    tokenizer: z
      .enum(["ascii", "unicode"])
      .default("ascii")
      .describe("ascii is the paper's; unicode also counts words of other scripts."),
    stem: z.boolean().default(true).describe("Compare word stems (Porter), as the paper does."),
  }),
  async run({ pairs, details, tokenizer, stem }, io) {
    checkOutputs({ "--details": details }, { "--pairs": pairs });
    const rows = await readAllJsonLines(pairs, pairRow);
    const { scores, mean } = scoreRougePairs(rows, { tokenizer, stem });
    if (mean === undefined) throw new UserError(`${pairs} holds no rows`, { code: "rouge-no-rows" });
    if (details !== undefined) await writeJsonLines(details, scores);
    const shares = Object.entries(mean).map(([measure, share]) => [measure, share.toFixed(4)]);
    io.result(mean, `ROUGE-L, mean of ${scores.length} pairs\n${table(shares)}`);
  },
});
