/**
 * Reads the prompt by which `tuna eval vicuna-qa` asks for two scores, in Tuna's own words. Question and answers are untrusted
 * text, but every line of them is marked, so that headings are those of the prompt.
 */
import type { Task } from "./family.ts";

export interface ReviewPrompt {
  task: Task;
  answers: [string, string];
}

/** Undefined where the text is no such prompt. */
export function readReviewPrompt(text: string): ReviewPrompt | undefined {
  const blocks = text.split(/^(?=# )/m);
  const isReview = blocks.map((block) => block.split("\n", 1)[0]).join() === HEADINGS.join();
  if (!isReview) return undefined;
  const [question, first, second] = blocks.map(readBlock) as [string, string, string];
  const [instruction, ...input] = question.split("\n");
  return { task: { instruction: instruction!, input: input.join("\n") }, answers: [first, second] };
}

const HEADINGS = ["# Question", "# Answer of Assistant 1", "# Answer of Assistant 2", "# Your task"];

function readBlock(block: string): string {
  const [, ...lines] = block.trimEnd().split("\n");
  return lines.map((line) => line.replace(/^> /, "")).join("\n");
}
