/**
 * A judge that reads the contextual prompt by its structure alone, exactly, and does what the prompt asks: what stands in a
 * response is a text to it, whatever it says. What it thinks of a text is up to the test.
 */
import type { ChatMessage, ChatModel } from "../llm/index.ts";
import { QUOTE_MARK } from "../text/quote-lines.ts";
import { JUDGE_OUTPUTS, type JudgeOutput, rankingRequest } from "./ranking-request.ts";

export interface ReadPrompt {
  prompt: string;
  responses: string[];
  output: JudgeOutput;
  quoted: boolean;
}

/** From the end: the request tells how many responses there are and whether they are quoted. */
export function readPrompt(content: string): ReadPrompt | undefined {
  for (let numResponses = 2; numResponses <= 9; numResponses++) {
    for (const output of JUDGE_OUTPUTS) {
      for (const quoted of [false, true]) {
        const request = `\n\n${rankingRequest({ numResponses, style: "paper", output, quoted })}`;
        if (content.endsWith(request)) {
          const parts = splitBlocks(content.slice(0, -request.length), numResponses, quoted);
          return parts && { ...parts, output, quoted };
        }
      }
    }
  }
  return undefined;
}

function splitBlocks(shown: string, numResponses: number, quoted: boolean) {
  const responses: string[] = [];
  let end = shown.length;
  for (let label = numResponses - 1; label >= 0; label--) {
    const heading = `\n###Response ${label}:\n`;
    const start = shown.lastIndexOf(heading, end - heading.length);
    if (start < 0) return undefined;
    const block = shown.slice(start + heading.length, end);
    if (!block.endsWith("\n")) return undefined;
    responses.unshift(quoted ? unquote(block.slice(0, -1)) : block.slice(0, -1));
    end = start;
  }
  // The prompt ends in an empty line.
  return shown[end - 1] === "\n" ? { prompt: shown.slice(0, end - 1), responses } : undefined;
}

function unquote(block: string): string {
  return block.slice(QUOTE_MARK.length).replaceAll(/(\r\n|[\n\r\v\f\u0085\u2028\u2029])> /g, "$1");
}

export interface ExactJudgeOptions {
  /** From 0 to 15, different for each. */
  scoreOf: (response: string) => number;
  /** Where it repeats the responses as it was shown them, before or after its own verdict. */
  repeats: "never" | "before" | "after" | "around";
}

export function exactJudge({ scoreOf, repeats }: ExactJudgeOptions): ChatModel {
  return {
    name: "exact",
    async chat({ messages }) {
      const [question] = messages;
      const read = readPrompt(question!.content);
      if (read === undefined) throw new Error("the prompt cannot be read");
      const scores = read.responses.map(scoreOf);
      const verdict = read.output === "structured" ? inJson(scores) : inText(scores, codeIn(messages));
      const shown = question!.content.slice(0, question!.content.lastIndexOf("\n\nWe would like"));
      const before = repeats === "before" || repeats === "around" ? `${shown}\n\n` : "";
      const after = repeats === "after" || repeats === "around" ? `\n\n${shown}` : "";
      return { text: before + verdict + after };
    },
  };
}

/** The code word that a second question asks to put before each line. */
function codeIn(messages: readonly ChatMessage[]): string {
  const code = /'(\w{12} )rank: \[\.\.\.\]'/.exec(messages.length > 1 ? messages.at(-1)!.content : "");
  return code?.[1] ?? "";
}

function bestFirst(scores: readonly number[]): number[] {
  return [...scores.keys()].toSorted((a, b) => scores[b]! - scores[a]!);
}

function inText(scores: readonly number[], mark: string): string {
  const lines = [
    ...scores.map((score, label) => `Response ${label}: ${score}`),
    `rank: [${bestFirst(scores).join(", ")}]`,
  ];
  return lines.map((line) => mark + line).join("\n");
}

function inJson(scores: readonly number[]): string {
  return JSON.stringify({
    kind: "open-ended",
    reference: "A reference.",
    duplicates: [],
    scores: scores.map((overall, response) => {
      const parts = [Math.min(5, overall), Math.min(5, Math.max(0, overall - 5)), Math.max(0, overall - 10)];
      return { response, parts, overall };
    }),
    rank: bestFirst(scores),
  });
}
