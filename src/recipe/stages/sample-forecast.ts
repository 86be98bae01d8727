/** What sampling from a teacher will ask for: one request a row, where the server takes them together. */
import { parseModelReference } from "../../llm/index.ts";
import { promptOf } from "../../model/index.ts";
import type { Outlook, Range, ServerUse } from "../cost-outlook.ts";
import { type SampleOptions, completeSettings } from "./sample-options.ts";

/** Of the frame that a chat puts around a message. */
const FRAME_TOKENS = 8;

export async function forecastSamples(options: SampleOptions, outlook: Outlook): Promise<ServerUse[]> {
  const {
    teacher,
    data,
    format,
    n,
    maxTokens,
    template,
    rougeThreshold,
    maxTrials = 1,
  } = completeSettings(options);
  if (teacher === undefined) return [];
  const rows = await outlook.rows(data, { format });
  const { baseUrl: server, model } = parseModelReference(teacher);
  const promptTokens = sum(rows.map((row) => outlook.countTokens(promptOf(template, row)) + FRAME_TOKENS));
  // The best guess at a response is the original one.
  const responseTokens = sum(
    rows.map(({ output }) => Math.min(outlook.countTokens(output) || maxTokens / 2, maxTokens)),
  );
  const trials = rougeThreshold > 0 ? maxTrials : 1;
  // A server that gives one sample a request is paid for the prompt with each.
  const requests: Range = { low: rows.length, expected: rows.length, high: rows.length * n * trials };
  return [
    {
      server,
      model,
      requests,
      promptTokens: { low: promptTokens, expected: promptTokens, high: promptTokens * n * trials },
      completionTokens: {
        low: rows.length * n,
        expected: Math.round(responseTokens * n),
        high: rows.length * n * maxTokens * trials,
      },
    },
  ];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
