/** The options of sampling: what each kind of source and of selection takes, and what has no effect beside it. */
import { z } from "zod";
import { WEIGHT_PRECISIONS } from "../../graph/index.ts";
import { fields } from "../fields.ts";
import { localModelFolder } from "../local-reference.ts";
import { keyFields } from "../key-file.ts";
import { batchField, spendingFields } from "../spending.ts";

const PAPER_ROUGE_THRESHOLD = 0.8;

const shape = {
  model: fields.model.optional().describe("Sample from this model, a folder or owner/name of the hub ..."),
  teacher: z
    .string()
    .optional()
    .meta({ placeholder: "URL#MODEL" })
    .describe("... or from this model of an OpenAI-compatible server that returns log-probabilities."),
  data: fields.instructionData,
  format: fields.format,
  out: fields.outFile,
  n: z.number().int().positive().default(4).describe("Responses to each instruction."),
  temperature: z.number().nonnegative().default(1).describe("Temperature of the first trial."),
  topP: z.number().gt(0).max(1).default(1).describe("Nucleus sampling; 1 keeps all tokens."),
  topK: z
    .number()
    .int()
    .nonnegative()
    .optional()
    .describe("With --model: keep the k most likely tokens. Default 0: all."),
  maxTokens: z.number().int().positive().default(256).describe("Longest response, in tokens."),
  rougeThreshold: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      "Two responses as similar as this (ROUGE-L F) are not both kept; 0 is off. Default 0.8 with --model, off with --teacher.",
    ),
  resample: z
    .enum(["response", "group"])
    .optional()
    .describe("What is drawn again: the similar response alone (paper, the default) or all n (lmops)."),
  maxTrials: z
    .number()
    .int()
    .positive()
    .optional()
    .describe("Trials in all; each adds 0.1 to the temperature. Default 3."),
  tokenizer: z
    .enum(["ascii", "unicode"])
    .optional()
    .describe("Words for ROUGE-L: the paper's (the default), or those of any script."),
  api: z
    .enum(["chat", "completions"])
    .optional()
    .describe("With --teacher: which of the server's interfaces to use. Default chat."),
  concurrency: z
    .number()
    .int()
    .positive()
    .optional()
    .meta({ free: true })
    .describe("With --teacher: requests at once. Default 8."),
  ...spendingFields,
  batch: batchField,
  ...keyFields,
  seed: fields.seed.describe(
    "Seed of every random choice. With --teacher: another seed asks for other samples; the server does not see it.",
  ),
  template: fields.template,
  weights: z
    .enum(WEIGHT_PRECISIONS)
    .optional()
    .describe(
      "With --model: how linear layers keep their weights while sampling. Default float32; int8 and int4 are less exact, and it is told by how much. int8 is quicker for many responses at once on the processor that was tried (docs/performance.md).",
    ),
  threads: fields.threads.describe("With --model: CPU threads; default: all cores."),
  device: fields.device.describe(
    "With --model: where it runs; default: cpu. For what a GPU needs, see tuna doctor.",
  ),
  overwrite: fields.overwriteRows,
};

export const sampleOptions = z
  .strictObject(shape)
  .refine(({ model, teacher }) => (model === undefined) !== (teacher === undefined), {
    message: "Give either --model (a folder or a model of the hub) or --teacher (URL#MODEL).",
    abort: true,
  })
  .refine(({ api, template }) => api !== "completions" || template !== "chat", {
    message:
      "With --api completions nobody puts a chat template around prompts. Use --api chat, or another --template.",
  })
  .superRefine((options, context) => {
    const message = settingsWithoutEffect(options);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });
export type SampleOptions = z.output<typeof sampleOptions>;

/** With the defaults that depend on other options. */
export interface SampleSettings extends SampleOptions {
  rougeThreshold: number;
}

export function completeSettings(given: SampleOptions): SampleSettings {
  const options = withLocalTeacher(given);
  const rougeThreshold = thresholdOf(options);
  const {
    topK = 0,
    weights = "float32",
    api = "chat",
    resample = "response",
    maxTrials = 3,
    tokenizer = "ascii",
  } = options;
  return {
    ...options,
    rougeThreshold,
    ...(options.model === undefined ? { api } : { topK, weights }),
    ...(rougeThreshold === 0 ? {} : { resample, maxTrials, tokenizer }),
  };
}

/** A teacher in a folder is a model like any other. */
function withLocalTeacher({ teacher, ...options }: SampleOptions): SampleOptions {
  const model = teacher === undefined ? undefined : localModelFolder(teacher);
  return model === undefined ? { ...options, teacher } : { ...options, model };
}

function thresholdOf({ model, rougeThreshold }: SampleOptions): number {
  return rougeThreshold ?? (model === undefined ? 0 : PAPER_ROUGE_THRESHOLD);
}

const FLAGS = {
  topK: "--top-k",
  weights: "--weights",
  threads: "--threads",
  device: "--device",
  api: "--api",
  concurrency: "--concurrency",
  journal: "--journal",
  budget: "--budget",
  batch: "--batch",
  prices: "--prices",
  keyFile: "--key-file",
  resample: "--resample",
  maxTrials: "--max-trials",
  tokenizer: "--tokenizer",
} as const;
type Flag = keyof typeof FLAGS;

/** A message; undefined where every setting has its effect. */
function settingsWithoutEffect(options: SampleOptions): string | undefined {
  const given = (names: readonly Flag[]): string =>
    names
      .filter((name) => options[name] !== undefined)
      .map((name) => FLAGS[name])
      .join(", ");
  const ofOtherSource = given(
    options.model === undefined
      ? ["topK", "weights", "threads", "device"]
      : ["api", "concurrency", "journal", "budget", "prices", "batch", "keyFile"],
  );
  if (ofOtherSource !== "") {
    const source = options.model === undefined ? "--teacher" : "--model";
    return `Without effect beside ${source}: ${ofOtherSource}. Leave out what has none.`;
  }
  const ofSelection = thresholdOf(options) === 0 ? given(["resample", "maxTrials", "tokenizer"]) : "";
  return ofSelection === ""
    ? undefined
    : `Without effect where the ROUGE-L threshold is off: ${ofSelection}. Leave out what has none, or set --rouge-threshold.`;
}
