/** `tuna run`: a recipe in a run folder. */
import { basename } from "node:path";
import { z } from "zod";
import { loadRecipe } from "../../recipe/recipe.ts";
import { costOfRun } from "../../recipe/cost-report.ts";
import { costNotes } from "../../recipe/cost-text.ts";
import { planRecipe } from "../../recipe/plan.ts";
import { runRecipe } from "../../recipe/run-recipe.ts";
import { spendingFields } from "../../recipe/spending.ts";
import { defineCommand } from "../command.ts";

/** Of the forecast that a run begins with. */
const COUNTED = "as 4 characters each";

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
    journal: spendingFields.journal.describe(
      "One journal for all stages that ask servers. Default: one beside each stage's output.",
    ),
    budget: spendingFields.budget.describe(
      "Stop before the request with which the run's replies could cost more, earlier ones included.",
    ),
    prices: spendingFields.prices.describe("Your own prices; see tuna cost. Default: list prices."),
  }),
  positionals: ["recipe"],
  async run({ recipe: path, out, seed, ...spending }, io) {
    const recipe = loadRecipe(path, { seed });
    const folder = out ?? `runs/${basename(path).replace(/\.ya?ml$/, "")}`;
    const records = await runRecipe(recipe, folder, io, spending);
    const stages = records.map(({ stage, seconds, value }) => ({ stage, seconds, ...value }));
    const cost = await costOfRun(planRecipe(recipe, folder), folder, spending);
    io.result(
      { out: folder, stages, ...(cost && { cost }) },
      [
        `${folder}: ${records.length} stages done`,
        ...(cost === undefined ? [] : costNotes(cost, COUNTED)),
      ].join("\n"),
    );
  },
});
