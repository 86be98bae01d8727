import { expect, test } from "vitest";
import { intervalChart } from "./chart-intervals.ts";

test.each([
  [1, 5],
  [1, 2],
  [0, 1],
  [-0.03, 0.02],
  [0, 4000],
])("from %f to %f, each tick has a number of its own", (low, high) => {
  const rows = [{ name: "a", estimate: { value: (low + high) / 2, low, high, items: 1 } }];
  const svg = intervalChart({ title: "t", label: "l", rows, range: [low, high] });
  const ticks = [...svg.matchAll(/class="tick"[^>]*>([^<]*)</g)].map(([, text]) => text);
  expect(ticks.length).toBeGreaterThan(2);
  expect(new Set(ticks).size).toBe(ticks.length);
});
