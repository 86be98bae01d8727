import { expect, test } from "vitest";
import { type GroupedIntervalChart, groupedIntervalChart } from "./chart-grouped-intervals.ts";
import { shareChart } from "./chart-shares.ts";

const estimate = (value: number, half: number) => ({
  value,
  low: value - half,
  high: value + half,
  items: 10,
});

const chart: GroupedIntervalChart = {
  title: "Difference",
  label: "points",
  series: [
    { name: "A", colour: 1 },
    { name: "B", colour: 2 },
  ],
  rows: [
    { name: "titles", estimates: [estimate(0, 2), estimate(5, 5)] },
    { name: "<b>& others", estimates: [estimate(10, 0), undefined] },
  ],
  reference: 0,
};

const numbers = (svg: string, pattern: RegExp): number[][] =>
  Array.from(svg.matchAll(pattern), (match) => match.slice(1).map(Number));

test("each estimate stands at its value, in its model's colour and between its ends", () => {
  const svg = groupedIntervalChart(chart);
  const dots = numbers(svg, /<circle class="dot series-(\d)" cx="([\d.]+)" cy="([\d.]+)"/g);
  expect(dots.map(([colour]) => colour)).toEqual([1, 2, 1]);
  const tick = (label: string): number =>
    Number(new RegExp(`class="tick" x="([\\d.]+)"[^>]*>${label}<`).exec(svg)![1]);
  expect(dots.map(([, x]) => x)).toEqual([
    tick("0"),
    expect.closeTo((tick("0") + tick("10")) / 2, 1),
    tick("10"),
  ]);
  const lines = numbers(svg, /class="line series-(\d)" d="M([\d.]+),([\d.]+)H([\d.]+)"/g).slice(2);
  expect(lines[1]!.slice(1)).toEqual([tick("0"), dots[1]![2], tick("10")]);
  const reference = /stroke-dasharray="4 3" d="M([\d.]+),/.exec(svg)![1];
  expect(Number(reference)).toBe(tick("0"));
});

test("names of data stay text, and estimates that are all alike still have an axis", () => {
  expect(groupedIntervalChart(chart)).toContain(">&#60;b&#62;&#38; others<");
  const flat = groupedIntervalChart({
    ...chart,
    rows: [{ name: "x", estimates: [estimate(0, 0), estimate(0, 0)] }],
  });
  expect(flat).not.toContain("NaN");
});

test("shares fill the bar from left to right, and narrow ones go without a text", () => {
  const svg = shareChart({
    title: "Outcomes",
    rows: [
      {
        name: "A",
        shares: [
          { name: "win", percent: 60 },
          { name: "tie", percent: 38 },
          { name: "lose", percent: 2 },
        ],
      },
    ],
  });
  const bars = numbers(svg, /class="share share-(\d)" x="([\d.]+)" y="\d+" width="([\d.]+)"/g);
  const whole = bars.reduce((sum, [, , width]) => sum + width!, 0);
  expect(bars.map(([, , width]) => width! / whole)).toEqual(
    [0.6, 0.38, 0.02].map((each) => expect.closeTo(each, 3) as number),
  );
  expect(bars[1]![1]).toBeCloseTo(bars[0]![1]! + bars[0]![2]!, 1);
  expect(Array.from(svg.matchAll(/share-text-\d"[^>]*>([^<]*)</g), ([, text]) => text)).toEqual([
    "win 60",
    "tie 38",
  ]);
});
