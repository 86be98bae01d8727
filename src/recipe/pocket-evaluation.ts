/** Evaluates models on held-out pocket instructions: the analogue of the paper's Table 1. */
import type { InstructionRow, RankedList } from "../data/record.ts";
import { type MeanInterval, bootstrapMean } from "../evaluate/statistics/statistics.ts";
import { Generator } from "../generate/generator.ts";
import { connectModel } from "../llm/index.ts";
import { loadModel, promptOf } from "../model/index.ts";
import { isCorrectResponse, recogniseTask } from "../pocket/rubric.ts";
import { rankContextually } from "../rank/index.ts";
import { rougeL } from "../text/rouge.ts";

const MAX_RESPONSE_TOKENS = 96;

/** One model's answers to one set of instructions, greedy, in order. */
export type Answers = readonly string[];

/** An abort throws the signal's reason. */
export async function answer(
  modelFolder: string,
  rows: readonly InstructionRow[],
  signal: AbortSignal,
): Promise<Answers> {
  const generator = await Generator.open(loadModel(modelFolder));
  const requests = rows.map((row) => ({
    key: row.id!,
    prompt: promptOf("alpaca", row),
    count: 1,
    temperature: 0,
  }));
  const options = { maxTokens: MAX_RESPONSE_TOKENS, seed: 0, stop: [], topP: 1, topK: 0, signal };
  const generations = await generator.generate(requests, options);
  await generator.close();
  return generations.map(([generation]) => generation!.text);
}

export interface Scores {
  /** Share of correct answers to close-ended instructions. */
  readonly accuracy: MeanInterval;
  /** Mean ROUGE-L F against the reference response. */
  readonly rougeL: MeanInterval;
  /** Shares of the judge's verdicts against SFT. */
  readonly win: MeanInterval;
  readonly lose: MeanInterval;
  readonly tie: MeanInterval;
  /** Pairs that the judge gave no verdict on; they count as ties. */
  readonly numUnjudged: number;
}

export interface Comparison {
  readonly rows: readonly InstructionRow[];
  readonly answers: Answers;
  /** SFT's answers to the same rows. */
  readonly baseline: Answers;
  /** URL#MODEL. */
  readonly judge: string;
  readonly signal?: AbortSignal | undefined;
}

export async function scoreAnswers(comparison: Comparison): Promise<Scores> {
  const { rows, answers } = comparison;
  const correct = rows.flatMap((row, index) => {
    const task = recogniseTask(row);
    const verdict = task === undefined ? undefined : isCorrectResponse(task, answers[index]!);
    return verdict === undefined ? [] : [Number(verdict)];
  });
  const { verdicts, numUnjudged } = await judgeAgainstBaseline(comparison);
  const share = (kind: Verdict): MeanInterval =>
    interval(verdicts.map((verdict) => Number(verdict === kind)));
  return {
    accuracy: interval(correct),
    rougeL: interval(rows.map((row, index) => rougeL(row.output, answers[index]!).fmeasure)),
    win: share("win"),
    lose: share("lose"),
    tie: share("tie"),
    numUnjudged,
  };
}

type Verdict = "win" | "lose" | "tie";

interface JudgedAnswers {
  verdicts: Verdict[];
  numUnjudged: number;
}

/** The judge ranks each pair of answers as it ranks any list. Equal answers tie without being asked about. */
async function judgeAgainstBaseline({
  rows,
  answers,
  baseline,
  judge,
  signal,
}: Comparison): Promise<JudgedAnswers> {
  const lists = rows.flatMap((row, index): RankedList[] =>
    answers[index] === baseline[index]
      ? []
      : [
          {
            id: String(index),
            instruction: row.instruction,
            input: row.input,
            responses: [{ text: answers[index]! }, { text: baseline[index]! }],
          },
        ],
  );
  const { ranked, setAside } = await rankContextually({
    lists,
    judge: connectModel(judge),
    promptOf: (list) => promptOf("alpaca", list),
    signal,
  });
  // Answers that are duplicates to the judge are a tie; a pair without a verdict counts as one, and is reported.
  const verdicts: Verdict[] = rows.map(() => "tie");
  for (const { id, responses } of ranked) {
    const [ours, theirs] = responses.map(({ rank }) => rank);
    if (ours !== undefined && theirs !== undefined && ours !== theirs) {
      verdicts[Number(id)] = ours < theirs ? "win" : "lose";
    }
  }
  return { verdicts, numUnjudged: setAside.filter(({ cause }) => cause === "no-verdict").length };
}

function interval(values: readonly number[]): MeanInterval {
  return bootstrapMean(values, { seed: 0, resamples: 1000 }) ?? { mean: 0, low: 0, high: 0 };
}
