/** What contextual ranking will ask the judges for: one ranking call for each list, judge and order, and its prompt is known. */
import type { RankedList } from "../../data/record.ts";
import { parseModelReference } from "../../llm/index.ts";
import { promptOf } from "../../model/index.ts";
import { contextualPrompt } from "../../rank/index.ts";
import { LENGTHS, type Outlook, type Range, type ServerUse } from "../cost-outlook.ts";
import { isRemote } from "../judge.ts";
import type { RankOptions } from "./rank-contextual.ts";

/** Of the frame that a chat puts around a message. */
const FRAME_TOKENS = 8;
/** Besides its reference the judge writes the kind of the instruction and the ranking, and a line for each response. */
const VERDICT_TOKENS = { text: 30, structured: 25 };
/** In JSON with the three parts of each score. */
const LINE_TOKENS = { text: 8, structured: 20 };

export async function forecastJudge(options: RankOptions, outlook: Outlook): Promise<ServerUse[]> {
  const { data, format } = options;
  const paid = options.judge.filter(isRemote);
  if (paid.length === 0) return [];
  const [low, expected, high] = await Promise.all(
    LENGTHS.map(async (length) => totals(await outlook.lists(data, length, { format }), options, outlook)),
  );
  const use: Omit<ServerUse, "server" | "model"> = {
    // A reply that cannot be read is asked for once more, together with the first one.
    requests: { low: low!.requests, expected: expected!.requests, high: 2 * high!.requests },
    promptTokens: {
      low: low!.prompt,
      expected: expected!.prompt,
      high: 2 * high!.prompt + high!.requests * options.maxTokens,
    },
    completionTokens: {
      low: low!.lines,
      expected: Math.round(expected!.lines + expected!.references),
      high: 2 * high!.requests * options.maxTokens,
    } satisfies Range,
    comparisons: expected!.comparisons,
  };
  return paid.map((judge) => {
    const { baseUrl: server, model } = parseModelReference(judge);
    return { server, model, ...use };
  });
}

interface Totals {
  requests: number;
  prompt: number;
  /** Of the verdicts but their references. */
  lines: number;
  references: number;
  comparisons: number;
}

function totals(lists: readonly RankedList[], options: RankOptions, outlook: Outlook): Totals {
  const { template, prompt: style, output, permutations } = options;
  const total: Totals = { requests: 0, prompt: 0, lines: 0, references: 0, comparisons: 0 };
  for (const list of lists) {
    const responses = [...new Set(list.responses.map(({ text }) => text))];
    // Such a list is not sent.
    if (responses.length < 2) continue;
    const orders = Math.min(permutations, factorial(responses.length));
    const messages = contextualPrompt({ prompt: promptOf(template, list), responses, style, output });
    const prompt = messages.reduce(
      (sum, { content }) => sum + outlook.countTokens(content) + FRAME_TOKENS,
      0,
    );
    const mean = responses.reduce((sum, text) => sum + outlook.countTokens(text), 0) / responses.length;
    total.requests += orders;
    total.prompt += orders * prompt;
    total.lines += orders * (VERDICT_TOKENS[output] + LINE_TOKENS[output] * (responses.length + 1));
    total.references += orders * mean;
    total.comparisons += (responses.length * (responses.length - 1)) / 2;
  }
  return total;
}

function factorial(count: number): number {
  return count <= 1 ? 1 : count * factorial(count - 1);
}
