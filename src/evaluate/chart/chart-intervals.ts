/** A chart of estimates with their intervals, one a row, as self-contained SVG: light or dark as the reader's system prefers. */
import { scaleLinear } from "d3-scale";
import { svgDocument } from "./chart-document.ts";
import { FONT_SIZE, seriesClass } from "./chart-style.ts";
import { escapeXml, fitText, round, svgText, textWidth } from "./chart-text.ts";
import type { Estimate } from "../statistics/estimate.ts";

export interface IntervalChart {
  title: string;
  /** What the values are. */
  label: string;
  /** With the index of its colour; all have the first where none is given. */
  rows: readonly { name: string; estimate: Estimate; colour?: number }[];
  /** Drawn as a line across all rows: the value without bias, or by chance. */
  reference?: number | undefined;
  /** Always in view. */
  range?: readonly [number, number] | undefined;
}

/** Narrow enough to stay legible on a phone. */
const WIDTH = 440;
const EDGE = 16;
const NUM_TICKS = 5;
const TOP = 44;
const ROW = 28;
const AXIS = 52;

export function intervalChart({ title, label, rows, reference, range }: IntervalChart): string {
  const height = TOP + rows.length * ROW + AXIS;
  const widest = Math.min(130, Math.max(...rows.map(({ name }) => textWidth(name, FONT_SIZE.label))));
  const left = EDGE + widest + 12;
  const bottom = height - AXIS;
  const values = rows.flatMap(({ estimate }) => [estimate.low, estimate.high]);
  const domain = [...values, ...(range ?? []), ...(reference === undefined ? [] : [reference])];
  const x = scaleLinear([Math.min(...domain), Math.max(...domain)], [left, WIDTH - EDGE - 8]).nice(NUM_TICKS);
  const at = (value: number): number => round(x(value));
  const elements = [
    `<title>${escapeXml(title)}</title>`,
    svgText(fitText(title, WIDTH - 2 * EDGE, FONT_SIZE.title), { class: "title", x: EDGE, y: 28 }),
    ...x.ticks(NUM_TICKS).flatMap((tick) => [
      `<path class="grid" d="M${at(tick)},${TOP}V${bottom}"/>`,
      svgText(x.tickFormat(NUM_TICKS)(tick), {
        class: "tick",
        x: at(tick),
        y: bottom + 18,
        anchor: "middle",
      }),
    ]),
    ...(reference === undefined
      ? []
      : [`<path class="axis" stroke-dasharray="4 3" d="M${at(reference)},${TOP}V${bottom}"/>`]),
    ...rows.flatMap(({ name, estimate, colour = 0 }, i) => {
      const y = TOP + (i + 0.5) * ROW;
      return [
        svgText(fitText(name, widest + 4, FONT_SIZE.label), { class: "label", x: EDGE, y: y + 4 }),
        `<path class="line ${seriesClass(colour)}" d="M${at(estimate.low)},${y}H${at(estimate.high)}"/>`,
        `<circle class="dot ${seriesClass(colour)}" cx="${at(estimate.value)}" cy="${y}" r="4.5"/>`,
      ];
    }),
    svgText(label, { class: "label", x: (left + WIDTH - EDGE) / 2, y: height - 12, anchor: "middle" }),
  ];
  return svgDocument({ title, width: WIDTH, height }, elements);
}
