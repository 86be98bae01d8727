/** Evaluates the five models of a pocket run and writes its report: table, training curves, examples side by side. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { readInstructionRows } from "../../data/read-examples.ts";
import type { InstructionRow } from "../../data/record.ts";
import { type LineChart, panels } from "../../evaluate/chart/chart.ts";
import type { StepEvent, TrainEvent } from "../../train/events.ts";
import { fields } from "../fields.ts";
import { orInterrupted } from "../interruption.ts";
import { checkJudge, withJudge } from "../judge.ts";
import { type Answers, type Scores, answer, scoreAnswers } from "../pocket-evaluation.ts";
import { type ModelScores, pickExamples, reportMarkdown, tableCells } from "../pocket-report-text.ts";
import { type Reporter, type StageResult, defineStage } from "../stage.ts";

const NUM_EXAMPLES = 6;

const options = z.strictObject({
  base: fields.model,
  sft: fields.model,
  tunaP: fields.model,
  tunaC: fields.model,
  tuna: fields.model,
  heldOut: fields.instructionData,
  heldOutFamilies: fields.instructionData,
  judge: z.string().describe("As in rank contextual."),
  out: fields.outFolder,
});

export const pocketReport = defineStage({
  kind: "pocket report",
  summary: "Evaluate base, SFT, Tuna_p, Tuna_c and Tuna on held-out instructions.",
  output: "folder",
  options,
  check: ({ judge }) => checkJudge(judge),
  run: (flags, reporter) =>
    orInterrupted(
      { signal: reporter.signal, saved: "the models are trained; only their report is missing" },
      () => makeReport(flags, reporter),
    ),
});

async function makeReport(flags: z.output<typeof options>, reporter: Reporter): Promise<StageResult> {
  const { base, sft, tunaP, tunaC, tuna, out } = flags;
  const models = { base, SFT: sft, Tuna_p: tunaP, Tuna_c: tunaC, Tuna: tuna };
  const heldOut = await readInstructionRows(flags.heldOut);
  const heldOutFamilies = await readInstructionRows(flags.heldOutFamilies);
  const answers = await answerAll(models, [...heldOut, ...heldOutFamilies], reporter);
  const table = await scoreAll(answers, { heldOut, heldOutFamilies, judge: flags.judge, reporter });
  mkdirSync(out, { recursive: true });
  const examples = pickExamples(heldOut, answers, NUM_EXAMPLES);
  const counts = { numHeldOut: heldOut.length, numHeldOutFamilies: heldOutFamilies.length };
  writeFileSync(join(out, "report.md"), reportMarkdown({ table, examples, ...counts }));
  writeFileSync(join(out, "curves.svg"), trainingCurves({ sft, ranking: [tunaP, tunaC, tuna] }));
  writeFileSync(join(out, "table.json"), `${JSON.stringify(table, null, 2)}\n`);
  const cells = tableCells(table, { intervals: false });
  return { value: { out, table: table.map(meansOnly), cells, examples }, text: join(out, "report.md") };
}

async function answerAll(
  models: Readonly<Record<string, string>>,
  rows: readonly InstructionRow[],
  reporter: Reporter,
): Promise<Map<string, Answers>> {
  const bar = reporter.progress("evaluate", Object.keys(models).length);
  const answers = new Map<string, Answers>();
  for (const [model, folder] of Object.entries(models)) {
    answers.set(model, await answer(folder, rows, reporter.signal));
    bar.update(answers.size);
  }
  bar.done();
  return answers;
}

interface Judging {
  readonly heldOut: readonly InstructionRow[];
  readonly heldOutFamilies: readonly InstructionRow[];
  readonly judge: string;
  readonly reporter: Reporter;
}

/** `answers` hold those to the held-out rows, then those to the held-out families. */
function scoreAll(
  answers: ReadonlyMap<string, Answers>,
  { heldOut, heldOutFamilies, judge, reporter }: Judging,
): Promise<ModelScores[]> {
  return withJudge(judge, async (reference) => {
    const score = (model: string, rows: readonly InstructionRow[], start: number): Promise<Scores> => {
      const part = (name: string): Answers => answers.get(name)!.slice(start, start + rows.length);
      const [own, baseline] = [part(model), part("SFT")];
      return scoreAnswers({ rows, answers: own, baseline, judge: reference, signal: reporter.signal });
    };
    const scored: ModelScores[] = [];
    for (const model of answers.keys()) {
      scored.push({
        model,
        heldOut: await score(model, heldOut, 0),
        heldOutFamilies: await score(model, heldOutFamilies, heldOut.length),
      });
    }
    return scored;
  });
}

function meansOnly({ model, heldOut, heldOutFamilies }: ModelScores) {
  const means = ({ accuracy, rougeL, win, lose, tie }: Scores) => ({
    accuracy: accuracy.mean,
    rougeL: rougeL.mean,
    win: win.mean,
    lose: lose.mean,
    tie: tie.mean,
  });
  return { model, heldOut: means(heldOut), heldOutFamilies: means(heldOutFamilies) };
}

/** SFT's loss, and loss and pair accuracy of each ranking run, from their events. */
function trainingCurves({ sft, ranking }: { sft: string; ranking: readonly string[] }): string {
  const curve = (run: string, pick: (step: StepEvent) => number | null): LineChart["series"][number] => ({
    name: basename(run),
    points: stepsOf(run).map((event) => [event.step, pick(event) ?? NaN]),
  });
  const loss = { xLabel: "step", yLabel: "nats per token" };
  const accuracy = { xLabel: "step", yLabel: "share of pairs" };
  return panels(
    [
      { ...loss, title: "SFT: loss", series: [curve(sft, (step) => step.loss)] },
      { ...loss, title: "Ranking: loss", series: ranking.map((run) => curve(run, (step) => step.loss)) },
      {
        ...accuracy,
        title: "Ranking: pair accuracy",
        series: ranking.map((run) => curve(run, (step) => step.pairAccuracy)),
      },
    ],
    { columns: 3 },
  );
}

function stepsOf(run: string): StepEvent[] {
  const path = join(run, "events.jsonl");
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as TrainEvent)
    .filter((event) => event.event === "step");
}
