/**
 * A judge that reads Tuna's own reviewer prompt by its structure alone, and does what it asks: what stands in an answer is a
 * text to it, whatever it says. What it thinks of a text is up to the test, and it may repeat the answers.
 */
import type { ChatMessage, ChatModel } from "../../llm/index.ts";
import type { Grading } from "./grading.ts";

export interface ReadReviewPrompt {
  question: string;
  answers: string[];
}

/** From the headings, which alone begin without a mark. */
export function readReviewPrompt(messages: readonly ChatMessage[]): ReadReviewPrompt {
  const [question, ...answers] = messages[1]!.content
    .split(/^(?=# (?:Question|Answer|Your task))/m)
    .slice(0, -1)
    .map(readBlock);
  return { question: question!, answers };
}

function readBlock(block: string): string {
  const quoted = block.slice(block.indexOf("\n") + 1).replace(/\n\n$/, "");
  return quoted.slice(2).replaceAll(/(\r\n|[\n\r\v\f\u0085\u2028\u2029])> /g, "$1");
}

export interface ExactReviewerOptions {
  grading: Grading;
  /** From 1 to 10. */
  opinion: (answer: string) => number;
  repeats?: "before" | "after" | "never";
}

export function exactReviewer({
  grading,
  opinion,
  repeats = "never",
}: ExactReviewerOptions): ChatModel & { asked: number } {
  const reviewer = {
    name: "exact",
    asked: 0,
    async chat({ messages }: { messages: readonly ChatMessage[] }) {
      reviewer.asked++;
      const { answers } = readReviewPrompt(messages);
      const verdict = verdictOn(answers.map(opinion), grading);
      const code = /the word ([0-9a-f]{12}), a space/.exec(messages.at(-1)!.content)?.[1];
      const line = code === undefined ? verdict : `${code} ${verdict}`;
      const said = answers.join("\n");
      const parts = { before: [said, line], after: [line, said], never: [line] }[repeats];
      return { text: parts.join("\n") };
    },
  };
  return reviewer;
}

function verdictOn(scores: readonly number[], grading: Grading): string {
  const [first = 0, second = 0] = scores;
  if (grading === "scores") return `${first} ${second}`;
  if (grading === "single") return `[[${first}]]`;
  return first === second ? "[[C]]" : first > second ? "[[A]]" : "[[B]]";
}
