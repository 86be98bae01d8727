/** Answers to a task of one's own and their scores: by their text, by a model's likelihood of each choice, or by a judge. */
import { z } from "zod";
import { UserError } from "../errors.ts";
import { scoreChoices } from "../evaluate/own-task/choice-likelihood.ts";
import { judgeAnswers } from "../evaluate/own-task/judge-answers.ts";
import { type AskedItem, type OwnTask, questionsOf } from "../evaluate/own-task/read-task.ts";
import { type ScoredAnswer, scoreByText } from "../evaluate/own-task/score-task.ts";
import type { JudgeSettings } from "../evaluate/own-task/scorers/judge.ts";
import type { CHOICE_LENGTHS } from "../evaluate/own-task/scorers/multiple-choice.ts";
import type { Answered } from "../evaluate/benchmark/predictions.ts";
import { connectModel } from "../llm/index.ts";
import { loadModel, withTemplate } from "../model/index.ts";
import { orInterrupted } from "../recipe/interruption.ts";
import { checkJudge, withJudge } from "../recipe/judge.ts";
import { keyFields, keysOf } from "../recipe/key-file.ts";
import { resolveModelFolder } from "../recipe/model-folder.ts";
import { journalPath, openStageJournal, spendingFields } from "../recipe/spending.ts";
import { type answerFields, answersOf } from "./benchmark-answers.ts";
import type { CommandIo } from "./io.ts";

export const judgingFields = {
  judge: z
    .string()
    .optional()
    .meta({ placeholder: "URL#MODEL" })
    .describe("For a task with a judge: who grades, in place of whom the task names."),
  concurrency: z
    .number()
    .int()
    .positive()
    .optional()
    .describe("For a task with a judge: requests at once. Default 8."),
  ...spendingFields,
  journal: spendingFields.journal.describe(
    "For a task with a judge: keeps every paid reply. Default: beside --details or --out, else NAME.journal.sqlite here.",
  ),
  ...keyFields,
};

type Flags = z.output<z.ZodObject<typeof answerFields & typeof judgingFields>>;

/** Flags that say nothing to this task. Before anything is asked. */
export function refuseUselessFlags({ by, name, scorer }: OwnTask, flags: Flags): void {
  const ofJudge = Object.keys(judgingFields).filter((key) => flags[key as keyof Flags] !== undefined);
  const useless = by === "judge" ? [] : ofJudge;
  if (by === "likelihood" && flags.out !== undefined) useless.push("out");
  if (useless.length > 0) {
    const list = useless.map((key) => `--${key.replace("keyFile", "key-file")}`).join(", ");
    throw new UserError(
      `Without effect on ${name}, whose scorer is ${String(scorer.settings["type"])}: ${list}. Leave out what has none.`,
      { code: "flags-without-effect" },
    );
  }
  if (by === "likelihood" && flags.predictions !== undefined) {
    throw new UserError(
      `${name} asks for the likelihood of each choice, which no file of predictions holds. Give --model, or set by: text in the task.`,
      { code: "likelihood-of-predictions" },
    );
  }
  if (by === "judge") checkJudge(judgeOf(scorer.settings as JudgeSettings, flags));
}

/** In the order of the predictions, or of the items. */
export async function scoredAnswers(task: OwnTask, flags: Flags, io: CommandIo): Promise<ScoredAnswer[]> {
  if (task.by === "likelihood") return choices(task, flags, io);
  const { items } = task;
  const answered = await answersOf(flags, { items, questionsFor: () => questionsOf(task) }, io);
  return task.by === "text" ? scoreByText(answered) : judged(task, answered, { flags, io });
}

async function choices(task: OwnTask, flags: Flags, io: CommandIo): Promise<ScoredAnswer[]> {
  const { template, threads, device } = flags;
  const path = await resolveModelFolder(flags.model!, io);
  const { notes, ...templated } = withTemplate(loadModel(path), template, { path });
  for (const note of notes) io.say(`note: ${note}`);
  const bar = io.progress("score", task.items.length);
  const { per = "token" } = task.scorer.settings as { per?: (typeof CHOICE_LENGTHS)[number] };
  const scored = await scoreChoices(templated, task.items, {
    per,
    threads,
    device,
    signal: io.signal,
    onProgress: (done) => bar.update(done),
  });
  bar.done();
  return scored;
}

async function judged(
  task: OwnTask,
  answered: readonly Answered<AskedItem>[],
  { flags, io }: { flags: Flags; io: CommandIo },
): Promise<ScoredAnswer[]> {
  const settings = task.scorer.settings as JudgeSettings;
  const { details, out, concurrency = 8 } = flags;
  const spending = { ...flags, out: details ?? out ?? task.name };
  const keys = keysOf(flags, (message) => io.say(message));
  const journal = await openStageJournal("eval task", spending);
  const bar = io.progress("judge", answered.length);
  const questions = answered.map(({ item: { prompt, rule }, prediction }) => ({
    prompt,
    reference: rule.by === "judge" ? rule.reference : undefined,
    prediction,
  }));
  const { signal } = io;
  try {
    const outcomes = await orInterrupted(
      { signal, saved: `the judge's replies are in ${journalPath(spending)}` },
      () =>
        withJudge(judgeOf(settings, flags), (name, connection) =>
          judgeAnswers(questions, settings, {
            judge: connectModel(name, { ...connection, ...keys, journal }),
            concurrency,
            signal,
            onProgress: (done) => bar.update(done),
          }),
        ),
    );
    return answered.map(({ item, prediction }, index) => ({
      item,
      prediction,
      outcome: { ...outcomes[index]! },
    }));
  } finally {
    bar.done();
    await journal.close();
  }
}

function judgeOf({ judge }: JudgeSettings, flags: Flags): string {
  const named = flags.judge ?? judge;
  if (named !== undefined) return named;
  throw new UserError("The task names no judge. Give one: --judge URL#MODEL.", { code: "judge-missing" });
}
