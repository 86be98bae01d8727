/** What a run has spent, from what its stages' journals show. */
import { expect, test } from "vitest";
import type { JournalLine } from "../llm/index.ts";
import type { ForecastLine } from "./cost-forecast.ts";
import { reportCost } from "./cost-report.ts";
import { costNotes } from "./cost-text.ts";

const line = (more: Partial<JournalLine>): JournalLine => ({
  stage: "rank contextual",
  server: "https://api.openai.com/v1",
  model: "gpt-4",
  requests: 1,
  retries: 0,
  lost: 0,
  open: 0,
  replies: 1,
  promptTokens: 1,
  completionTokens: 1,
  unpriced: 0,
  cost: 1,
  unsureCost: 0,
  ...more,
});
const ONE = { low: 1, expected: 1, high: 1 };
const foreseen = (stage: string): ForecastLine => ({
  stage,
  kind: "rank contextual",
  server: "https://api.openai.com/v1",
  model: "gpt-4",
  requests: ONE,
  promptTokens: ONE,
  completionTokens: ONE,
  cost: ONE,
  measuredReplies: 0,
});
const forecast = { pricesDate: "2025-11-01", lines: [foreseen("a"), foreseen("b")], unknown: [] };

test("two stages with one journal have spent what is in it, once", () => {
  const shared = [line({ cost: 2 })];
  const report = reportCost(
    forecast,
    new Map([
      ["a", shared],
      ["b", shared],
    ]),
  );
  expect(report.actual).toBe(2);
  expect(report.lines.map(({ actual }) => actual?.cost)).toEqual([2, 2]);
});

test("what no forecast foresaw is spent too, and what has no price is told", () => {
  const lines = [
    line({}),
    line({ model: "another", cost: 4 }),
    line({ stage: "sample", unpriced: 3, cost: 8 }),
  ];
  const report = reportCost(forecast, new Map([["a", lines]]));
  expect(report).toMatchObject({ actual: 13, unpriced: 3 });
  expect(costNotes(report, "so").join("\n")).toContain("for want of a price: 3 requests.");
});
