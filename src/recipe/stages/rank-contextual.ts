/** Contextual ranking: a judge behind an OpenAI-compatible server compares the responses to each instruction. */
import { rmSync } from "node:fs";
import { z } from "zod";
import { writeJsonLines } from "../../data/jsonl.ts";
import { readRankedLists } from "../../data/read-examples.ts";
import type { RankedList } from "../../data/record.ts";
import { UserError } from "../../errors.ts";
import { connectModel, openJournal } from "../../llm/index.ts";
import { promptOf } from "../../model/index.ts";
import { type ContextualRanking, rankContextually } from "../../rank/index.ts";
import { fields } from "../fields.ts";
import { orInterrupted } from "../interruption.ts";
import { checkJudge, withJudge } from "../judge.ts";
import { withLock } from "../lock.ts";
import { checkOutputs } from "../output-file.ts";
import { type Reporter, type StageResult, defineStage } from "../stage.ts";

const options = z.strictObject({
  data: fields.sampledData,
  judge: z
    .string()
    .meta({ placeholder: "URL#MODEL" })
    .describe('The judge, on an OpenAI-compatible server; "pocket" starts the quickstart\'s own.'),
  out: fields.outFile,
  prompt: z
    .enum(["paper", "lmops"])
    .default("paper")
    .describe("Table 9 for any number of responses, or the authors' exact text for four."),
  shuffleSeed: z
    .number()
    .int()
    .optional()
    .describe(
      "Show the responses in a random order drawn from this seed, against position bias. Default: in their order, as in the paper.",
    ),
  maxTokens: z.number().int().positive().default(2048).describe("Longest reply of the judge, in tokens."),
  concurrency: fields.concurrency,
  template: fields.template,
});
type RankOptions = z.output<typeof options>;

export const rankContextual = defineStage({
  kind: "rank contextual",
  summary: "Rank responses by a judge that sees them side by side (the paper's Table 9).",
  output: "file",
  options,
  check: ({ judge }) => checkJudge(judge),
  run(flags, reporter) {
    checkOutputs({ "--out": flags.out }, { "--data": flags.data });
    return withLock(`${flags.out}.lock`, () => rankAll(flags, reporter));
  },
});

async function rankAll(flags: RankOptions, reporter: Reporter): Promise<StageResult> {
  const lists = await readRankedLists(flags.data);
  const journalPath = `${flags.out}.journal.jsonl`;
  const { signal } = reporter;
  const ranking = await orInterrupted({ signal, saved: `the judge's replies are in ${journalPath}` }, () =>
    askJudge(lists, journalPath, flags, reporter),
  );
  return writeRanking(ranking, flags.out, reporter);
}

async function askJudge(
  lists: readonly RankedList[],
  journalPath: string,
  flags: RankOptions,
  reporter: Reporter,
): Promise<ContextualRanking> {
  const journal = await openJournal(journalPath);
  const bar = reporter.progress("judge", lists.length);
  try {
    return await withJudge(flags.judge, (reference, connection) =>
      rankContextually({
        lists,
        judge: connectModel(reference, { ...connection, journal }),
        promptOf: (list) => promptOf(flags.template, list),
        promptStyle: flags.prompt,
        maxTokens: flags.maxTokens,
        concurrency: flags.concurrency,
        shuffleSeed: flags.shuffleSeed,
        signal: reporter.signal,
        onProgress: ({ done, setAside }) => bar.update(done, setAside > 0 ? `${setAside} set aside` : ""),
      }),
    );
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
