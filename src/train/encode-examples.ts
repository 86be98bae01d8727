/** Examples as token sequences with their roles in the objective, and a summary of what the data holds. */
import { setImmediate as eventLoopTurn } from "node:timers/promises";
import {
  type EncodeOptions,
  type EncodedSequence,
  type Encoder,
  encodeResponses,
  endedBy,
  numLabels,
} from "../data/encode.ts";
import type { Example } from "../data/example.ts";
import type { ModelConfig } from "../model/index.ts";
import type { Candidate, ObjectiveOptions } from "./objective.ts";

export interface EncodedExample {
  readonly id: string;
  /** Of the example, among those given. */
  readonly index: number;
  readonly sequences: readonly EncodedSequence[];
  /** The role of each sequence. */
  readonly candidates: readonly Candidate[];
  /** The length of each response, in characters. */
  readonly textLengths: readonly number[];
}

/** Told before step 0: what will be trained on, and what will not. */
export interface DataSummary {
  examples: number;
  /** Ids of examples whose prompt fills the window, so that nothing is left to learn. They are dropped. */
  promptFillsWindow: string[];
  /** Ids of examples without any response that the objective uses. They are dropped too. */
  withoutResponses: string[];
  /** How many examples have 0, 1, 2, ... ranked candidates. */
  candidatesPerExample: Record<number, number>;
  /** Neighbours in a ranking that share a rank. */
  ties: number;
  emptyResponses: number;
  truncatedResponses: number;
  withoutOriginal: number;
  responseTokens: number;
}

export interface EncodeExamplesOptions
  extends EncodeOptions, Pick<ObjectiveOptions, "originalInRanking" | "mleTarget" | "mleWeight"> {
  /** Of the model: for a ranking model, sequences have one target, their end. */
  readonly head?: ModelConfig["head"];
  /** Tokenising a large file takes a minute: an abort ends it, by throwing the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Examples between two looks at the signal. */
const EXAMPLES_PER_TURN = 16;

export async function encodeExamples(
  examples: readonly Example[],
  encoder: Encoder,
  options: EncodeExamplesOptions,
): Promise<{ encoded: EncodedExample[]; summary: DataSummary }> {
  const summary = emptySummary();
  const encoded: EncodedExample[] = [];
  for (const [index, example] of examples.entries()) {
    if (index % EXAMPLES_PER_TURN === 0) await eventLoopTurn();
    options.signal?.throwIfAborted();
    const texts = textsOf(example, options);
    const result = { index, ...encodeTexts(example, texts, { encoder, options }) };
    if (texts.length === 0) summary.withoutResponses.push(example.id);
    else if (result.sequences.length === 0) summary.promptFillsWindow.push(example.id);
    else {
      count(example, result, summary);
      encoded.push(options.head === "score" ? scoredAtEnd(result) : result);
    }
  }
  return { encoded, summary };
}

interface Text {
  text: string;
  level: number | undefined;
  isOriginal: boolean;
}

/** The original is only scored where the objective looks at it. */
function textsOf({ original: text, candidates }: Example, options: EncodeExamplesOptions): Text[] {
  const { originalInRanking, mleTarget, mleWeight } = options;
  const texts = candidates.map(({ text: each, level }) => ({ text: each, level, isOriginal: false }));
  if (text === undefined) return texts;
  if (originalInRanking === "first") return [{ text, level: -1, isOriginal: true }, ...texts];
  if (originalInRanking === "last") return [...texts, { text, level: Infinity, isOriginal: true }];
  const isScored = mleTarget === "original" && mleWeight > 0;
  return isScored ? [...texts, { text, level: undefined, isOriginal: true }] : texts;
}

function encodeTexts(
  { id, prompt }: Example,
  texts: readonly Text[],
  { encoder, options }: { encoder: Encoder; options: EncodeExamplesOptions },
): Omit<EncodedExample, "index"> {
  const responses = texts.map(({ text }) => text);
  const kept = encodeResponses(encoder, { prompt, responses }, options)
    .map((sequence, index) => ({ sequence, text: texts[index]! }))
    .filter(({ sequence }) => numLabels(sequence) > 0);
  return {
    id,
    sequences: kept.map(({ sequence }) => sequence),
    candidates: kept.map(({ sequence, text: { level, isOriginal } }) => ({
      level,
      isOriginal,
      numTokens: numLabels(sequence),
    })),
    textLengths: kept.map(({ text: { text } }) => text.length),
  };
}

function scoredAtEnd({ sequences, candidates, ...rest }: EncodedExample): EncodedExample {
  return {
    ...rest,
    sequences: sequences.map(endedBy),
    candidates: candidates.map((candidate) => ({ ...candidate, numTokens: 1 })),
  };
}

function emptySummary(): DataSummary {
  return {
    examples: 0,
    promptFillsWindow: [],
    withoutResponses: [],
    candidatesPerExample: {},
    ties: 0,
    emptyResponses: 0,
    truncatedResponses: 0,
    withoutOriginal: 0,
    responseTokens: 0,
  };
}

function count(example: Example, { sequences, candidates }: EncodedExample, summary: DataSummary): void {
  const numCandidates = candidates.filter(({ isOriginal }) => !isOriginal).length;
  summary.examples += 1;
  summary.candidatesPerExample[numCandidates] = (summary.candidatesPerExample[numCandidates] ?? 0) + 1;
  summary.ties += example.candidates.filter(
    ({ level }, index) => example.candidates[index - 1]?.level === level,
  ).length;
  summary.emptyResponses +=
    example.candidates.filter(({ text }) => text === "").length + Number(example.original === "");
  summary.truncatedResponses += sequences.filter(({ truncated }) => truncated).length;
  summary.withoutOriginal += Number(example.original === undefined);
  summary.responseTokens += sequences.reduce((sum, sequence) => sum + numLabels(sequence), 0);
}
