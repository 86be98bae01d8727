/** Has a judge review the answers to every question, in every order that was asked for. */
import { createHash } from "node:crypto";
import { UserError } from "../../errors.ts";
import { type ChatMessage, type ChatModel, mapConcurrently } from "../../llm/index.ts";
import type { Answers } from "./answers.ts";
import { GRADING_FORMS, type Grading, type Orders, shownAnswers } from "./grading.ts";
import type { VicunaQuestion } from "./questions.ts";
import { repeatsAnswer } from "./repeated-scores.ts";
import type { Reading, Review } from "./review.ts";
import type { Reviewer } from "./reviewer.ts";

export interface JudgingOptions {
  readonly questions: readonly VicunaQuestion[];
  /** Of one model, or of two. A question that one of them left out is not sent. */
  readonly answers: readonly Answers[];
  readonly reviewer: Reviewer;
  readonly orders: Orders;
  readonly judge: ChatModel;
  /** FastChat's: 0.2. */
  readonly temperature: number;
  /** FastChat's: 1024. */
  readonly maxTokens: number;
  readonly concurrency: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: number, failed: number) => void;
}

/** The reviews of each question next to each other, in the order of the questions. */
export async function judgeAnswers(options: JudgingOptions): Promise<Review[]> {
  const { questions, answers, reviewer, orders, concurrency, signal, onProgress } = options;
  const shown = shownAnswers(reviewer.grading, { orders, numAnswers: answers.length });
  const tasks = questions.flatMap((question) => shown.map((each) => ({ question, shown: each })));
  const progress = { done: 0, failed: 0 };
  const next = async (task: ReviewTask): Promise<Review> => {
    const review = await reviewOne(task, options);
    progress.done++;
    if (review.reading.how === "failed") progress.failed++;
    onProgress?.(progress.done, progress.failed);
    return review;
  };
  return mapConcurrently(tasks, next, { concurrency, signal });
}

interface ReviewTask {
  readonly question: VicunaQuestion;
  readonly shown: readonly number[];
}

async function reviewOne({ question, shown }: ReviewTask, options: JudgingOptions): Promise<Review> {
  const { id, text, category } = question;
  const answers = shown.map((answer) => options.answers[answer]!.get(id)?.text);
  const missing = shown.filter((_, place) => answers[place] === undefined);
  if (missing.length > 0) {
    const reason = `there is no answer ${missing.map((answer) => answer + 1).join(" and no answer ")}`;
    return { id, shown, text: "", reading: { how: "failed", reason } };
  }
  const material = { question: text, category, answers: answers as string[] };
  try {
    return { id, shown, ...(await ask(options.reviewer.messages(material), material.answers, options)) };
  } catch (error) {
    // One prompt that the judge refuses must not end the run; a dead server must.
    if (!(error instanceof UserError) || error.code !== "prompt-refused") throw error;
    return { id, shown, text: "", reading: { how: "failed", reason: error.message } };
  }
}

type Asked = Pick<Review, "text" | "isCutOff" | "reading" | "again">;

async function ask(
  messages: readonly ChatMessage[],
  answers: readonly string[],
  { judge, reviewer, temperature, maxTokens, signal }: JudgingOptions,
): Promise<Asked> {
  const { read, verdict } = GRADING_FORMS[reviewer.grading];
  const send = async (conversation: readonly ChatMessage[]) => {
    const { text, finishReason } = await judge.chat({
      messages: conversation,
      temperature,
      maxTokens,
      signal,
    });
    return { text, ...(finishReason === "length" && { isCutOff: true }) };
  };
  const first = await send(messages);
  const reading = checked(read(wholeLines(first)), answers, reviewer);
  // The prompts of 2023 are asked once, as they were then.
  if (reading.how !== "failed" || !reviewer.quotes) return { ...first, reading };
  const code = codeWordFor(messages);
  const request = `Your reply could not be used: ${reading.reason}. Reply once more with one line and nothing else: the word ${code}, a space, and ${verdict}.`;
  const second = await send(withRequest(messages, first.text, request));
  const marked = readMarked(wholeLines(second), { code, grading: reviewer.grading });
  const isFailed = marked.how === "failed";
  return {
    ...second,
    reading: isFailed ? { ...marked, reason: `${reading.reason}; asked again, ${marked.reason}` } : marked,
    again: { earlier: first.text, code },
  };
}

/** A failure where nobody can tell whose the scores are. */
function checked(reading: Reading, answers: readonly string[], { quotes }: Reviewer): Reading {
  if (reading.how === "failed" || !repeatsAnswer(reading, answers)) return reading;
  // The first line is where the prompt of 2023 has the scores stand, and FastChat looked no further.
  if (!quotes && reading.how === "parsed") return reading;
  return { how: "failed", reason: REPEATED };
}

const REPEATED = "what it says of the scores also stands in an answer, so that nobody can tell whose it is";

/** Of a reply that was cut off, without its last line: `Assistant 2: 1` may have been on the way to 10. */
export function wholeLines({ text, isCutOff }: Pick<Review, "text" | "isCutOff">): string {
  return isCutOff === true ? text.slice(0, text.lastIndexOf("\n") + 1) : text;
}

function withRequest(messages: readonly ChatMessage[], reply: string, request: string): ChatMessage[] {
  if (reply.trim() !== "") {
    return [...messages, { role: "assistant", content: reply }, { role: "user", content: request }];
  }
  // Servers refuse an empty assistant turn, and many templates two user turns in a row.
  const question = messages.at(-1)!;
  return [...messages.slice(0, -1), { ...question, content: `${question.content}\n\n${request}` }];
}

/** Depends on the whole question: who wrote one of the answers cannot have known it. */
function codeWordFor(messages: readonly ChatMessage[]): string {
  return createHash("sha256").update(JSON.stringify(messages)).digest("hex").slice(0, 12);
}

/** Only the first line that begins with the code word. */
export function readMarked(reply: string, { code, grading }: { code: string; grading: Grading }): Reading {
  const line = reply
    .split("\n")
    .map((each) => each.replace(/^[^\p{L}\p{N}]+/u, ""))
    .find((each) => each.startsWith(code));
  if (line === undefined) return { how: "failed", reason: `no line begins with ${code}` };
  return GRADING_FORMS[grading].read(line.slice(code.length).replace(/^[\s:,]+/, ""));
}
