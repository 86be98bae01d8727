/** `tuna quickstart`: the whole pipeline of the paper on the pocket world, in minutes. */
import { join } from "node:path";
import { z } from "zod";
import { loadRecipe } from "../../recipe/recipe.ts";
import { runRecipe } from "../../recipe/run-recipe.ts";
import { defineCommand } from "../command.ts";
import { packageFolder } from "../package-facts.ts";
import { table } from "../table.ts";

interface Report {
  table: unknown;
  cells: string[][];
  examples: { row: { instruction: string; input: string }; answers: Record<string, string> }[];
}

export const command = defineCommand({
  name: "quickstart",
  summary: "The whole paper on a pocket world: SFT, teacher, judge, Tuna_p, Tuna_c, Tuna.",
  examples: ["tuna quickstart", "tuna quickstart --seed 2 --out runs/quickstart-2 --json"],
  options: z.strictObject({
    out: z.string().default("runs/quickstart").meta({ placeholder: "DIR" }).describe("Run folder."),
    seed: z.number().int().default(1).describe("Seed of the world, the models and the samples."),
  }),
  async run({ out, seed }, io) {
    const start = performance.now();
    const recipe = loadRecipe(join(packageFolder(), "recipes/pocket.yaml"), { seed });
    const records = await runRecipe(recipe, out, io);
    const report = records.at(-1)!.value as unknown as Report;
    const seconds = (performance.now() - start) / 1000;
    io.result(
      { seconds, table: report.table },
      [
        describeTable(report),
        ...report.examples.slice(0, 3).map(describeExample),
        `Report: ${join(out, "report/report.md")} (${seconds.toFixed(0)} s)`,
      ].join("\n\n"),
    );
  },
});

/** Two blocks rather than one wide table. */
function describeTable({ cells }: Report): string {
  const columns = (cells[0]!.length - 1) / 2;
  const block = (start: number): string =>
    table(
      cells.map((row, index) => [
        row[0]!,
        ...row
          .slice(start, start + columns)
          .map((cell) => (index === 0 ? cell.replace("families: ", "") : cell)),
      ]),
    );
  return `Held-out instructions (%)\n${block(1)}\n\nHeld-out families (%)\n${block(1 + columns)}`;
}

function describeExample({ row, answers }: Report["examples"][number]): string {
  const request = row.input === "" ? row.instruction : `${row.instruction} ${row.input}`;
  return [
    request.replaceAll("\n", " / "),
    table(Object.entries(answers).map(([model, text]) => [`  ${model}`, text.replaceAll("\n", " / ")])),
  ].join("\n");
}
