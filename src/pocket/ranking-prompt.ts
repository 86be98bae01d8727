/**
 * Reads a contextual ranking prompt (Table 9 of the paper) for any number of responses, in the paper's form and in that
 * of the authors' code. The responses are untrusted text: they may hold headings and instructions of their own.
 */
import type { Task } from "./family.ts";

export interface RankingPrompt {
  task: Task;
  /** By label. */
  responses: string[];
}

const CLOSING = "We would like you to rate Response ";

/** The parts of a ranking prompt, or undefined where the text is none. */
export function readRankingPrompt(text: string): RankingPrompt | undefined {
  const prompt = text.replaceAll("\r\n", "\n");
  const closing = prompt.lastIndexOf(CLOSING);
  const labels =
    closing < 0 ? null : /^\d+(?:\/\d+)*(?= in reply)/.exec(prompt.slice(closing + CLOSING.length));
  if (!labels) return undefined;
  const shown = prompt.slice(0, closing);
  const headings = findHeadings(shown);
  const chosen = chooseHeadings(headings, labels[0].split("/").length);
  if (!chosen) return undefined;
  return {
    task: readTask(shown.slice(0, headings[0]!.start)),
    responses: chosen.map(({ end }) => {
      const next = headings.find(({ start }) => start >= end);
      return shown.slice(end, next?.start).trim();
    }),
  };
}

interface Heading {
  label: number;
  start: number;
  /** Where its text begins. */
  end: number;
}

function findHeadings(shown: string): Heading[] {
  return [...shown.matchAll(/^###Response (\d+):$/gm)].map((match) => ({
    label: Number(match[1]),
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/**
 * One heading for each label. Where responses hold headings too, the last ones that stand in order count: a heading
 * inside a response then stands before the real one of its label, or after the real one of a later label.
 */
function chooseHeadings(headings: readonly Heading[], numResponses: number): Heading[] | undefined {
  const chosen: Heading[] = [];
  for (let label = numResponses - 1; label >= 0; label--) {
    const limit = chosen[0]?.start ?? Infinity;
    const heading = headings.findLast((each) => each.label === label && each.start < limit);
    if (!heading) return anyOrder(headings, numResponses);
    chosen.unshift(heading);
  }
  return chosen;
}

/** The authors' code can show the responses in shuffled order, each under its own label. */
function anyOrder(headings: readonly Heading[], numResponses: number): Heading[] | undefined {
  const chosen = Array.from({ length: numResponses }, (_, label) =>
    headings.findLast((each) => each.label === label),
  );
  return chosen.every((heading) => heading !== undefined) ? chosen : undefined;
}

/** The instruction and input within the Alpaca template; without a template, the first line and the lines after it. */
function readTask(prompt: string): Task {
  const inTemplate = /### Instruction:\n([^]*?)\n\s*(?:### Input:\n([^]*?)\n\s*)?### Response:\s*$/.exec(
    prompt,
  );
  if (inTemplate) return { instruction: inTemplate[1]!.trim(), input: inTemplate[2]?.trim() ?? "" };
  const [instruction, ...rest] = prompt.trim().split("\n");
  return { instruction: instruction!, input: rest.join("\n").trim() };
}
