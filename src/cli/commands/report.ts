/** `tuna report`: evaluated runs side by side. */
import { join } from "node:path";
import { z } from "zod";
import { fields } from "../../recipe/fields.ts";
import { checkOutputs } from "../../recipe/output-file.ts";
import { defineCommand } from "../command.ts";
import { writeComparison } from "../comparison-files.ts";
import { namedRuns } from "../named-runs.ts";

export const command = defineCommand({
  name: "report",
  summary: "Compares evaluated runs: Table 1, intervals and tests, charts, answers side by side.",
  examples: [
    "tuna report sft=runs/sft/eval tuna=runs/tuna/eval --out runs/report",
    "tuna report sft=runs/sft-1,runs/sft-2,runs/sft-3 tuna=runs/tuna-1,runs/tuna-2,runs/tuna-3 --out runs/report",
  ],
  options: z.strictObject({
    runs: z
      .array(z.string())
      .min(1)
      .meta({ placeholder: "[NAME=]DIR[,DIR]" })
      .describe(
        "Folders of tuna eval ... --results or of tuna eval all; several for one NAME are its seeds.",
      ),
    baseline: z
      .string()
      .optional()
      .meta({ placeholder: "NAME" })
      .describe("The run that the others are compared with; default: the first."),
    out: z
      .string()
      .optional()
      .meta({ placeholder: "DIR" })
      .describe("Folder for the report: report.html, report.md with its charts, report.json."),
    examples: z
      .number()
      .int()
      .min(0)
      .max(100)
      .default(5)
      .describe("Items of each benchmark to show with all answers: those on which runs differ most."),
    seed: fields.seed,
  }),
  positionals: ["runs"],
  async run({ runs, out, ...options }, io) {
    if (out !== undefined) checkOutputs({ "--out": join(out, "report.html") }, {});
    await writeComparison({ runs: namedRuns(runs), out, ...options }, io);
  },
});
