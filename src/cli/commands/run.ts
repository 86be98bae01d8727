/** `tuna run`: a recipe in a run folder. */
import { basename } from "node:path";
import { z } from "zod";
import { loadRecipe } from "../../recipe/recipe.ts";
import { runRecipe } from "../../recipe/run-recipe.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  name: "run",
  summary: "Run the stages of a recipe; run it again to resume.",
  examples: ["tuna run recipes/pocket.yaml --out runs/pocket", "tuna run recipes/tuna.yaml --out runs/tuna"],
  options: z.strictObject({
    recipe: z
      .string()
      .meta({ placeholder: "RECIPE.yaml" })
      .describe("Stages, each with the settings of its command."),
    out: z
      .string()
      .optional()
      .meta({ placeholder: "DIR" })
      .describe("Run folder, with a subfolder for each stage. Default: runs/NAME of the recipe's file."),
    seed: z.number().int().optional().describe("Instead of the recipe's own seed."),
  }),
  positionals: ["recipe"],
  async run({ recipe: path, out, seed }, io) {
    const recipe = loadRecipe(path, { seed });
    const folder = out ?? `runs/${basename(path).replace(/\.ya?ml$/, "")}`;
    const records = await runRecipe(recipe, folder, io);
    const stages = records.map(({ stage, seconds, value }) => ({ stage, seconds, ...value }));
    io.result({ out: folder, stages }, `${folder}: ${records.length} stages done`);
  },
});
