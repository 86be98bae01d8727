/** Writes the pocket world: instruction data of mixed quality, better data for a teacher, held-out data, a tokenizer. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeJsonLines } from "../../data/jsonl.ts";
import { makePlainText } from "../../pocket/plain-text.ts";
import { makeTokenizer } from "../../pocket/tokenizer.ts";
import { makeWorld } from "../../pocket/world.ts";
import { fields } from "../fields.ts";
import { defineStage } from "../stage.ts";

const rows = z.number().int().positive().optional();

export const pocketWorld = defineStage({
  kind: "pocket world",
  summary: "Write the pocket world's data.",
  output: "folder",
  options: z.strictObject({
    trainRows: rows.describe("Instruction rows with originals of mixed quality."),
    teacherRows: rows.describe("Better rows, for the teacher."),
    rankPrompts: rows.describe("How many of the training instructions are sampled and ranked."),
    heldOutRows: rows.describe("Held-out instructions of trained families."),
    heldOutFamilyRows: rows.describe("Instructions of held-out families."),
    plainTexts: z
      .number()
      .int()
      .positive()
      .default(4000)
      .describe("True statements without a request, for the base model."),
    out: fields.outFolder,
    seed: fields.seed,
  }),
  async run({ out, seed, plainTexts, ...sizes }) {
    const given = Object.fromEntries(Object.entries(sizes).filter(([, value]) => value !== undefined));
    const world = makeWorld({ seed, ...given });
    for (const [name, set] of [
      ["train", world.train],
      ["teacher", world.teacherTrain],
      ["rank-prompts", world.rankPrompts],
      ["held-out", world.heldOut],
      ["held-out-families", world.heldOutFamilies],
    ] as const) {
      await writeJsonLines(join(out, `${name}.jsonl`), set);
    }
    const texts = makePlainText({ seed, count: plainTexts });
    await writeJsonLines(
      join(out, "plain-text.jsonl"),
      texts.map((text, index) => ({ id: `text-${index}`, instruction: "", input: "", output: text })),
    );
    const { tokenizer, config } = makeTokenizer();
    mkdirSync(join(out, "tokenizer"), { recursive: true });
    writeFileSync(join(out, "tokenizer/tokenizer.json"), JSON.stringify(tokenizer));
    writeFileSync(join(out, "tokenizer/tokenizer_config.json"), JSON.stringify(config));
    const counts = {
      train: world.train.length,
      teacher: world.teacherTrain.length,
      heldOut: world.heldOut.length,
    };
    return {
      value: { out, ...counts },
      text: `${counts.train} rows, ${counts.teacher} for the teacher, ${counts.heldOut} held out`,
    };
  },
});
