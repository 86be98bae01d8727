/** The option fields that several stages share, described once. */
import { z } from "zod";
import { FORMAT_NAMES } from "../data/formats/index.ts";
import { DEVICES } from "../graph/index.ts";
import { TEMPLATES } from "../model/index.ts";
import { PRESETS } from "../train/objective.ts";

export const fields = {
  model: z
    .string()
    .meta({ placeholder: "M", path: "model" })
    .describe("Model folder in Hugging Face format, or a model of the hub: owner/name, owner/name@revision."),
  instructionData: z
    .string()
    .meta({ placeholder: "alpaca.json", path: "rows" })
    .describe("Instruction data in any format: JSON, JSON Lines, CSV, Parquet; see docs/formats.md."),
  rankedData: z
    .string()
    .meta({ placeholder: "ranked.jsonl", path: "rows" })
    .describe("Ranked lists in any format that holds rankings; see docs/formats.md."),
  sampledData: z
    .string()
    .meta({ placeholder: "sampled.jsonl", path: "rows" })
    .describe("Responses from tuna sample, or lists in any format that holds responses."),
  format: z
    .enum(FORMAT_NAMES)
    .optional()
    .meta({ placeholder: "FORMAT" })
    .describe("Format of the rows, where their keys do not say it: see docs/formats.md."),
  outFolder: z.string().meta({ placeholder: "DIR" }).describe("Run folder; the trained model is in it."),
  outFile: z.string().meta({ placeholder: "F.jsonl" }).describe("File to write."),
  template: z
    .enum(TEMPLATES)
    .default("alpaca")
    .describe(
      "How instruction and input become the prompt; chat: the model's own template; none: the instruction itself.",
    ),
  seed: z.number().int().default(0).describe("Seed of every random choice."),
  threads: z
    .number()
    .int()
    .min(1)
    .max(256)
    .optional()
    .meta({ free: true })
    .describe("CPU threads; default: all cores."),
  device: z
    .enum(DEVICES)
    .optional()
    .meta({ free: true })
    .describe("Where the model runs; default: cpu. For what a GPU needs, see tuna doctor."),
  overwriteRows: z
    .boolean()
    .default(false)
    .meta({ free: true })
    .describe("Start anew where the file holds rows that were made otherwise."),
  concurrency: z.number().int().positive().default(8).meta({ free: true }).describe("Requests at once."),
  preset: z
    .enum(Object.keys(PRESETS) as [keyof typeof PRESETS])
    .default("paper")
    .describe("paper: Eq. 4-6. lmops: what the authors' code computes. Single options below override it."),
} as const;
