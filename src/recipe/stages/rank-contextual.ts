/** Contextual ranking: judges behind OpenAI-compatible servers compare the responses to each instruction. */
import { rmSync } from "node:fs";
import { z } from "zod";
import { writeJsonLines } from "../../data/jsonl.ts";
import { readRankedLists } from "../../data/read-examples.ts";
import type { RankedList } from "../../data/record.ts";
import { UserError } from "../../errors.ts";
import { connectModel } from "../../llm/index.ts";
import { promptOf } from "../../model/index.ts";
import {
  AGGREGATIONS,
  type ContextualRanking,
  JUDGE_OUTPUTS,
  PROMPT_STYLES,
  couldBeMistaken,
  rankContextually,
} from "../../rank/index.ts";
import { countOf } from "../../text/count-of.ts";
import { fields } from "../fields.ts";
import { orInterrupted } from "../interruption.ts";
import { checkJudge, isRemote, withJudges } from "../judge.ts";
import { openJudgeBatches, settleBatches } from "../judge-batches.ts";
import { keyFields, keysOf } from "../key-file.ts";
import { withLock } from "../lock.ts";
import { checkOutputs } from "../output-file.ts";
import { batchField, journalPath, openStageJournal, spendingFields } from "../spending.ts";
import { type Reporter, type StageResult, defineStage } from "../stage.ts";
import { forecastJudge } from "./rank-contextual-forecast.ts";

const options = z.strictObject({
  data: fields.sampledData,
  format: fields.format,
  judge: z
    // A recipe may name the only one without a list.
    .preprocess((value) => (typeof value === "string" ? [value] : value), z.array(z.string()).min(1))
    .meta({ placeholder: "URL#MODEL" })
    .describe(
      "The judge, on an OpenAI-compatible server or Anthropic's (anthropic#MODEL); \"pocket\" starts the quickstart's own. Give it again for several.",
    ),
  out: fields.outFile,
  permutations: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(1)
    .describe(
      "In how many orders each judge sees the responses, against position bias. As many as there are responses show each in each place once.",
    ),
  aggregate: z
    .enum(AGGREGATIONS)
    .optional()
    .describe("How several verdicts become one ranking; equal ones tie. Default: mean-rank."),
  prompt: z
    .enum(PROMPT_STYLES)
    .default("paper")
    .describe(
      "paper: Table 9, its responses quoted where one could pass for a part of it. quoted: always. lmops: the authors' exact text, never quoted.",
    ),
  output: z
    .enum(JUDGE_OUTPUTS)
    .default("text")
    .describe(
      "The form of the judge's reply: Table 9's lines, or one JSON object of a schema (responses quoted).",
    ),
  shuffleSeed: z
    .number()
    .int()
    .optional()
    .describe(
      "Draw all orders from this seed. Default: the responses' own order first, as in the paper, and seed 0 for the others.",
    ),
  maxTokens: z.number().int().positive().default(2048).describe("Longest reply of the judge, in tokens."),
  concurrency: fields.concurrency,
  ...spendingFields,
  batch: batchField,
  ...keyFields,
  template: fields.template,
});
export type RankOptions = z.output<typeof options>;

export const rankContextual = defineStage({
  kind: "rank contextual",
  summary: "Rank responses by a judge that sees them side by side (the paper's Table 9).",
  output: "file",
  options,
  check: checkOptions,
  forecast: forecastJudge,
  run(flags, reporter) {
    checkOutputs({ "--out": flags.out }, { "--data": flags.data });
    return withLock(`${flags.out}.lock`, () => rankAll(flags, reporter));
  },
});

function checkOptions({ judge, permutations, aggregate, prompt, output, batch }: RankOptions): void {
  for (const name of judge) checkJudge(name);
  const inProcess = judge.find((name) => !isRemote(name));
  if (batch === true && inProcess !== undefined) {
    throw new UserError(`--judge ${inProcess} runs in this process and has no batches. Leave out --batch.`, {
      code: "batch-unsupported",
    });
  }
  const twice = judge.find((name, i) => judge.indexOf(name) < i);
  if (twice !== undefined) {
    throw new UserError(
      `--judge ${twice} is named twice: at temperature 0 it would say the same again. Name it once; --permutations asks it in other orders.`,
      { code: "judge-twice" },
    );
  }
  if (aggregate !== undefined && judge.length * permutations === 1) {
    throw new UserError(
      "--aggregate has no effect on one verdict. Ask for more with --permutations or a second --judge, or leave it out.",
      { code: "nothing-to-aggregate" },
    );
  }
  if (prompt === "lmops" && output === "structured") {
    throw new UserError(
      "--prompt lmops is the authors' exact text and asks for a reply in text. Leave out --output structured, or use --prompt paper.",
      { code: "lmops-structured" },
    );
  }
}

async function rankAll(flags: RankOptions, reporter: Reporter): Promise<StageResult> {
  const lists = await readRankedLists(flags.data, { format: flags.format });
  warnOfUnquoted(lists, flags, reporter);
  const { signal } = reporter;
  const ranking = await orInterrupted(
    { signal, saved: `the judge's replies are in ${journalPath(flags)}` },
    () => askJudge(lists, flags, reporter),
  );
  return writeRanking(ranking, flags.out, reporter);
}

function warnOfUnquoted(lists: readonly RankedList[], { prompt }: RankOptions, reporter: Reporter): void {
  if (prompt !== "lmops") return;
  const open = lists.filter(({ responses }) => responses.some(({ text }) => couldBeMistaken(text)));
  if (open.length === 0) return;
  reporter.say(
    `warning: --prompt lmops quotes nothing, and ${countOf(open.length, "list")} (first: ${open[0]!.id}) hold responses that the judge could take for ` +
      "parts of the prompt or instructions to it. --prompt paper quotes them.",
  );
}

async function askJudge(
  lists: readonly RankedList[],
  flags: RankOptions,
  reporter: Reporter,
): Promise<ContextualRanking> {
  const journal = await openStageJournal("rank contextual", flags);
  const keys = keysOf(flags, (message) => reporter.say(message));
  const bar = reporter.progress("judge", lists.length);
  try {
    return await withJudges(flags.judge, async (judges) => {
      const batched = flags.batch === true ? await openJudgeBatches(flags.judge, { ...keys, journal }) : [];
      const ranking = await rankContextually({
        lists,
        judge:
          flags.batch === true
            ? batched
            : judges.map(([name, connection]) => connectModel(name, { ...connection, ...keys, journal })),
        promptOf: (list) => promptOf(flags.template, list),
        promptStyle: flags.prompt,
        output: flags.output,
        permutations: flags.permutations,
        aggregation: flags.aggregate,
        maxTokens: flags.maxTokens,
        concurrency: flags.concurrency,
        shuffleSeed: flags.shuffleSeed,
        signal: reporter.signal,
        onProgress: ({ done, setAside }) => bar.update(done, setAside > 0 ? `${setAside} set aside` : ""),
      });
      await settleBatches(batched);
      return ranking;
    });
  } finally {
    bar.done();
    await journal.close();
  }
}

async function writeRanking(
  { ranked, setAside }: ContextualRanking,
  out: string,
  reporter: Reporter,
): Promise<StageResult> {
  const setAsidePath = `${out}.set-aside.jsonl`;
  rmSync(setAsidePath, { force: true });
  if (setAside.length > 0) {
    await writeJsonLines(setAsidePath, setAside);
    reporter.say(
      `${setAside.length} lists were set aside; why, and what the judge said, if it was asked: ${setAsidePath}`,
    );
  }
  if (ranked.length === 0) {
    throw new UserError(
      `None of the ${setAside.length} lists could be ranked; the first: ${setAside[0]!.reason}. All of them: ${setAsidePath}`,
      { code: "nothing-ranked" },
    );
  }
  await writeJsonLines(out, ranked);
  return {
    value: { out, ranked: ranked.length, setAside: setAside.length },
    text: `${out}: ${ranked.length} ranked lists, ${setAside.length} set aside`,
  };
}
