/** Contextual ranking: a judge behind an OpenAI-compatible server compares the responses to each instruction. */
import { z } from "zod";
import { writeJsonLines } from "../../data/jsonl.ts";
import { readRankedLists } from "../../data/read-examples.ts";
import { connectModel, openJournal } from "../../llm/index.ts";
import { promptOf } from "../../model/index.ts";
import { withJudge } from "../judge.ts";
import { rankContextually } from "../../rank/index.ts";
import { fields } from "../fields.ts";
import { defineStage } from "../stage.ts";

export const rankContextual = defineStage({
  kind: "rank contextual",
  summary: "Rank responses by a judge that sees them side by side (the paper's Table 9).",
  output: "file",
  options: z.strictObject({
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
    shuffle: z
      .boolean()
      .default(false)
      .describe("Show the responses in a random order, against position bias."),
    maxTokens: z.number().int().positive().default(2048).describe("Longest reply of the judge, in tokens."),
    concurrency: z.number().int().positive().default(8).describe("Requests at once."),
    seed: fields.seed,
    template: fields.template,
  }),
  async run(flags, reporter) {
    const lists = await readRankedLists(flags.data);
    const journal = await openJournal(`${flags.out}.journal.jsonl`);
    const bar = reporter.progress("judge", lists.length);
    try {
      const { ranked, setAside } = await withJudge(flags.judge, (reference) =>
        rankContextually({
          lists,
          judge: connectModel(reference, { journal }),
          promptOf: (list) => promptOf(flags.template, list),
          promptStyle: flags.prompt,
          maxTokens: flags.maxTokens,
          concurrency: flags.concurrency,
          shuffleSeed: flags.shuffle ? flags.seed : undefined,
          signal: reporter.signal,
          onProgress: ({ done, setAside: count }) => bar.update(done, count > 0 ? `${count} set aside` : ""),
        }),
      );
      await writeJsonLines(flags.out, ranked);
      if (setAside.length > 0) {
        await writeJsonLines(`${flags.out}.set-aside.jsonl`, setAside);
        reporter.say(
          `${setAside.length} lists were set aside; why, and what the judge said: ${flags.out}.set-aside.jsonl`,
        );
      }
      return {
        value: { out: flags.out, ranked: ranked.length, setAside: setAside.length },
        text: `${flags.out}: ${ranked.length} ranked lists, ${setAside.length} set aside`,
      };
    } finally {
      bar.done();
      await journal.close();
    }
  },
});
