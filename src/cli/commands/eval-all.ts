/** `tuna eval all`: the paper's three benchmarks for a model and a baseline, and the report that compares them. */
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../../errors.ts";
import {
  type VicunaQuestion,
  ownReviewer,
  promptsFile,
  questionsFile,
  readFastChatReviewer,
  readQuestions,
} from "../../evaluate/vicuna-qa/index.ts";
import { cachedBenchmark } from "../../recipe/benchmark-cache.ts";
import { checkBenchmarkJudge } from "../../recipe/benchmark-judge.ts";
import {
  type EvaluatedSide,
  type VicunaQaOptions,
  evaluateAll,
} from "../../recipe/benchmarks/evaluate-all.ts";
import {
  type ScoredBenchmark,
  lmentryBenchmark,
  superNiBenchmarks,
} from "../../recipe/benchmarks/scored-benchmark.ts";
import { fields } from "../../recipe/fields.ts";
import { checkOutputs } from "../../recipe/output-file.ts";
import { defineCommand } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { kebabCase } from "../flag.ts";
import { writeComparison } from "../comparison-files.ts";
import { shortName } from "../named-runs.ts";
import { vicunaQaFields } from "../vicuna-qa-flags.ts";

const BENCHMARKS = ["super-ni", "lmentry", "vicuna-qa"] as const;
type BenchmarkName = (typeof BENCHMARKS)[number];

/** As `tuna eval vicuna-qa` has them. */
const { judge, ...reviewing } = vicunaQaFields.pick({
  judge: true,
  prompts: true,
  orders: true,
  temperature: true,
  maxTokens: true,
  concurrency: true,
  budget: true,
  prices: true,
  journal: true,
  batch: true,
  keyFile: true,
  template: true,
  threads: true,
  device: true,
}).shape;

const options = z.strictObject({
  model: fields.model,
  baseline: fields.model
    .optional()
    .describe("What it is compared with, such as its SFT model; Vicuna QA needs one."),
  out: fields.outFolder.describe("Folder for answers, scores and report; run again to resume."),
  benchmarks: z
    .array(z.enum(BENCHMARKS))
    .min(1)
    .default([...BENCHMARKS])
    .describe("Which of them."),
  superNi: dataField("super-ni", "natural-instructions' task files, or tasks as JSON Lines"),
  lmentry: dataField("lmentry", "LMentry's data folder, or its files as JSON Lines"),
  vicunaQa: dataField("vicuna-qa", "FastChat's question.jsonl or its folder"),
  limit: z
    .number()
    .int()
    .min(3)
    .optional()
    .meta({ placeholder: "N" })
    .describe("Only the first N items of each task or category: for a first look."),
  judge: judge.describe("Of Vicuna QA; without it, the answers are kept and not judged. URL#MODEL."),
  ...reviewing,
  overwrite: fields.overwriteRows,
  seed: fields.seed.describe("Of intervals and tests, which are drawn."),
});
type Options = z.output<typeof options>;

export const command = defineCommand({
  name: "eval all",
  summary: "Super-NI, LMentry and Vicuna QA for a model and a baseline, with a report.",
  examples: [
    "tuna eval all --model runs/tuna --baseline runs/sft --judge https://api.openai.com/v1#gpt-4.1 --out runs/evaluation",
    "tuna eval all --model runs/tuna --benchmarks lmentry --limit 30 --out runs/first-look",
  ],
  options,
  async run(flags, io) {
    checkFlags(flags);
    checkOutputs({ "--out": join(flags.out, "report.html") }, {});
    const wants = (name: BenchmarkName): boolean => flags.benchmarks.includes(name);
    const data = { limit: flags.limit, say: (note: string) => io.say(`note: ${note}`) };
    const scored: ScoredBenchmark[] = [];
    if (wants("super-ni"))
      scored.push(
        ...(await superNiBenchmarks(flags.superNi ?? cachedBenchmark("super-ni", process.env), data)),
      );
    if (wants("lmentry"))
      scored.push(await lmentryBenchmark(flags.lmentry ?? cachedBenchmark("lmentry", process.env), data));
    const vicunaQa = wants("vicuna-qa") ? await openVicunaQa(flags, io) : undefined;
    const sides = await evaluateAll({ ...flags, scored, vicunaQa }, io);
    const runs = namesOf(sides).flatMap(({ name, folder, results }) =>
      // Of Vicuna QA alone, the baseline has answers and no result.
      results.length === 0 ? [] : { name, folders: [folder] },
    );
    await writeComparison({ runs: runs.toReversed(), out: flags.out, seed: flags.seed, examples: 5 }, io);
  },
});

/** Without a judge, they have no effect. */
const OF_JUDGE = ["prompts", "orders", "budget", "prices", "journal", "batch", "keyFile"] as const;

/** Throws a `UserError` for flags that would have no effect, or leave nothing to score. */
function checkFlags({ benchmarks, ...flags }: Options): void {
  const data = { "super-ni": flags.superNi, lmentry: flags.lmentry, "vicuna-qa": flags.vicunaQa };
  for (const name of BENCHMARKS) {
    if (data[name] !== undefined && !benchmarks.includes(name)) throw idle(name, `--benchmarks ${name}`);
  }
  if (flags.judge !== undefined) {
    if (!benchmarks.includes("vicuna-qa")) throw idle("judge", "--benchmarks vicuna-qa");
    checkBenchmarkJudge({ judge: flags.judge, batch: flags.batch });
  }
  const unused = OF_JUDGE.find((name) => flags[name] !== undefined);
  if (flags.judge === undefined && unused !== undefined) throw idle(kebabCase(unused), "--judge");
  const isJudged = flags.judge !== undefined && flags.baseline !== undefined;
  if (!isJudged && benchmarks.every((name) => name === "vicuna-qa"))
    throw wrong("Vicuna QA alone needs --baseline and --judge. Give both, or add another of --benchmarks.");
}

function idle(flag: string, without: string): UserError {
  return wrong(`--${flag} has no effect without ${without}. Leave it out.`);
}

function wrong(message: string): UserError {
  return new UserError(message, { code: "cli-wrong-value" });
}

function dataField(name: string, what: string): z.ZodOptional<z.ZodString> {
  return z
    .string()
    .optional()
    .meta({ placeholder: "PATH" })
    .describe(`Data: ${what}. Default: what tuna data get ${name} brought.`);
}

async function openVicunaQa(flags: Options, io: CommandIo): Promise<VicunaQaOptions> {
  const { judge: name, baseline, limit } = flags;
  const data = flags.vicunaQa ?? cachedBenchmark("vicuna-qa", process.env);
  const reviewer =
    flags.prompts === undefined
      ? ownReviewer("scores")
      : await readFastChatReviewer(promptsFile(flags.prompts, data));
  if (name === undefined || baseline === undefined) {
    const missing = [name === undefined && "--judge", baseline === undefined && "--baseline"];
    io.say(
      `note: Vicuna QA's answers are kept, but not judged without ${missing.filter(Boolean).join(" and ")}`,
    );
  }
  const judging = name === undefined ? undefined : { ...flags, judge: name, orders: flags.orders ?? "both" };
  const questions = await readQuestions(questionsFile(data));
  return { questions: limit === undefined ? questions : firstOfEach(questions, limit), reviewer, judging };
}

function firstOfEach(questions: readonly VicunaQuestion[], limit: number): VicunaQuestion[] {
  const taken = new Map<string, number>();
  return questions.filter(({ category }) => {
    const before = taken.get(category) ?? 0;
    taken.set(category, before + 1);
    return before < limit;
  });
}

/** As `tuna report` names folders: by the end of the models' paths; one model against itself, by its sides. */
function namesOf(sides: readonly EvaluatedSide[]): (EvaluatedSide & { name: string })[] {
  const models = sides.map(({ model }) => model);
  const differ = new Set(models).size === models.length;
  return sides.map((each) => ({ ...each, name: differ ? shortName(each.model, models) : each.side }));
}
