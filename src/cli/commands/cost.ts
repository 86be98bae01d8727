/** `tuna cost`: what a recipe will cost, before anything is sent, and beside what it has cost so far. */
import { basename } from "node:path";
import { z } from "zod";
import { forecastCost } from "../../recipe/cost-forecast.ts";
import { readJournals, reportCost } from "../../recipe/cost-report.ts";
import { costCells, costNotes } from "../../recipe/cost-text.ts";
import { tokenCounter } from "../../recipe/count-tokens.ts";
import { planRecipe } from "../../recipe/plan.ts";
import { loadRecipe } from "../../recipe/recipe.ts";
import { openStagePrices, spendingFields } from "../../recipe/spending.ts";
import { defineCommand } from "../command.ts";
import { table } from "../table.ts";

export const command = defineCommand({
  name: "cost",
  summary: "What a recipe will cost, by stage; nothing is sent.",
  examples: [
    "tuna cost recipes/tuna.yaml",
    "tuna cost recipes/tuna.yaml --prices prices.yaml --tokenizer models/llama --json",
  ],
  options: z.strictObject({
    recipe: z.string().meta({ placeholder: "RECIPE.yaml" }).describe("A recipe, as tuna run takes it."),
    out: z
      .string()
      .optional()
      .meta({ placeholder: "DIR" })
      .describe(
        "The run's folder; what its journals show stands beside the forecast. Default: as of tuna run.",
      ),
    prices: spendingFields.prices.describe(
      "Your own prices: a date, and models: {NAME or URL#NAME: {prompt, completion}} in dollars for a million tokens.",
    ),
    journal: spendingFields.journal.describe("As given to tuna run."),
    tokenizer: z
      .string()
      .optional()
      .meta({ placeholder: "M" })
      .describe("Count tokens with this tokenizer.json, or model folder's. Default: 4 characters a token."),
  }),
  positionals: ["recipe"],
  async run({ recipe: path, out, prices, journal, tokenizer }, io) {
    const folder = out ?? `runs/${basename(path).replace(/\.ya?ml$/, "")}`;
    const plan = planRecipe(loadRecipe(path), folder);
    const journals = await readJournals(plan, { journal });
    const countTokens = tokenizer === undefined ? undefined : tokenCounter(tokenizer);
    const forecast = await forecastCost(plan, {
      prices: openStagePrices(prices),
      countTokens,
      measured: journals,
    });
    const report = reportCost(forecast, journals);
    const counted = tokenizer === undefined ? "as 4 characters each" : `with ${tokenizer}`;
    const nothing = forecast.lines.length + forecast.unknown.length === 0;
    io.result(
      { ...report, counted },
      nothing
        ? "No stage asks a server that costs anything."
        : [table(costCells(report)), ...costNotes(report, counted)].join("\n"),
    );
  },
});
