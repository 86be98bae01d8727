/** The judge of a benchmark: any model that `--judge` can name, with a journal of its replies, a budget, and batches. */
import { UserError } from "../errors.ts";
import { type ChatModel, connectModel } from "../llm/index.ts";
import { checkJudge, isRemote, withJudge } from "./judge.ts";
import { openJudgeBatches, settleBatches } from "./judge-batches.ts";
import { keysOf } from "./key-file.ts";
import { type SpendingOptions, openStageJournal } from "./spending.ts";
import type { Reporter } from "./stage.ts";

export interface BenchmarkJudgeOptions extends SpendingOptions {
  /** URL#MODEL, anthropic#MODEL, a local folder, or `pocket`. */
  readonly judge: string;
  /** What the journal books its calls under, such as `eval vicuna-qa`. */
  readonly stage: string;
  /** The journal lies beside this path, unless it has one of its own. */
  readonly out: string;
  readonly batch?: boolean | undefined;
  readonly keyFile?: string | undefined;
}

/** Throws a `UserError` for what is known before anything is asked. */
export function checkBenchmarkJudge({ judge, batch }: Pick<BenchmarkJudgeOptions, "judge" | "batch">): void {
  checkJudge(judge);
  if (batch === true && !isRemote(judge)) {
    throw new UserError(`--judge ${judge} runs in this process and has no batches. Leave out --batch.`, {
      code: "batch-unsupported",
    });
  }
}

/**
 * `use` asks for all that it wants; what the journal has is not asked for again. By batch it may be given stand-ins, and what
 * it makes of them is thrown away: then a `UserError` says to come back.
 */
export async function withBenchmarkJudge<Result>(
  { stage, ...options }: BenchmarkJudgeOptions,
  reporter: Reporter,
  use: (judge: ChatModel) => Promise<Result>,
): Promise<Result> {
  const journal = await openStageJournal(stage, options);
  const keys = keysOf(options, (message) => reporter.say(message));
  try {
    return await withJudge(options.judge, async (name, connection) => {
      if (options.batch !== true) return use(connectModel(name, { ...connection, ...keys, journal }));
      const [batched] = await openJudgeBatches([name], { ...keys, journal });
      const result = await use(batched!);
      await settleBatches([batched!]);
      return result;
    });
  } finally {
    await journal.close();
  }
}
