/** Estimates with their intervals, one line a model under the name of each category: where models differ. */
import { type ScaleLinear, scaleLinear } from "d3-scale";
import type { Estimate } from "../statistics/estimate.ts";
import { svgDocument } from "./chart-document.ts";
import { LEGEND_ROW_HEIGHT, drawLegend, legendRows } from "./chart-legend.ts";
import { FONT_SIZE, seriesClass } from "./chart-style.ts";
import { escapeXml, fitText, round, svgText, textWidth } from "./chart-text.ts";

export interface GroupedIntervalChart {
  title: string;
  /** What the values are. */
  label: string;
  /** With the index of its colour, so that a model keeps its own in every chart. */
  series: readonly { name: string; colour: number }[];
  /** Estimates in the order of the series. */
  rows: readonly { name: string; estimates: readonly (Estimate | undefined)[] }[];
  /** Drawn as a line across all rows. */
  reference?: number | undefined;
}

/** Narrow enough to stay legible on a phone; names of categories are long, so they stand above their lines. */
const WIDTH = 440;
const EDGE = 16;
const NUM_TICKS = 5;
const TITLE_HEIGHT = 40;
const AXIS = 52;
const NAME = 20;
const LINE = 12;
const GAP = 6;

interface Plot {
  x: ScaleLinear<number, number>;
  top: number;
  bottom: number;
}

export function groupedIntervalChart(chart: GroupedIntervalChart): string {
  const { title, label, series, rows } = chart;
  const legend = legendRows(
    series.map(({ name }) => name),
    WIDTH - 2 * EDGE,
  ).map((row) => row.map((entry) => ({ ...entry, series: series[entry.series]!.colour })));
  const top = TITLE_HEIGHT + legend.length * LEGEND_ROW_HEIGHT + 8;
  const rowHeight = NAME + series.length * LINE + GAP;
  const bottom = top + rows.length * rowHeight;
  const height = bottom + AXIS;
  const x = scaleLinear(domainOf(chart), [EDGE + 8, WIDTH - EDGE - 8]).nice(NUM_TICKS);
  const elements = [
    `<title>${escapeXml(title)}</title>`,
    svgText(fitText(title, WIDTH - 2 * EDGE, FONT_SIZE.title), { class: "title", x: EDGE, y: 28 }),
    ...drawLegend(legend, { left: EDGE, top: TITLE_HEIGHT }),
    ...drawGrid({ x, top, bottom }, chart.reference),
    ...rows.flatMap((row, i) => drawRow(row, { x, series, top: top + i * rowHeight })),
    svgText(label, { class: "label", x: WIDTH / 2, y: height - 12, anchor: "middle" }),
  ];
  return svgDocument({ title, width: WIDTH, height }, elements);
}

function domainOf({ rows, reference }: GroupedIntervalChart): [number, number] {
  const estimates = rows.flatMap(({ estimates: all }) => all).filter((estimate) => estimate !== undefined);
  const values = [
    ...estimates.flatMap(({ low, high }) => [low, high]),
    ...(reference === undefined ? [] : [reference]),
  ];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  // All alike: room on both sides.
  return low < high ? [low, high] : [low - 1, high + 1];
}

function drawGrid({ x, top, bottom }: Plot, reference: number | undefined): string[] {
  const format = x.tickFormat(NUM_TICKS);
  return [
    ...x
      .ticks(NUM_TICKS)
      .flatMap((tick) => [
        `<path class="grid" d="M${round(x(tick))},${top}V${bottom}"/>`,
        svgText(format(tick), { class: "tick", x: x(tick), y: bottom + 18, anchor: "middle" }),
      ]),
    ...(reference === undefined
      ? []
      : [`<path class="axis" stroke-dasharray="4 3" d="M${round(x(reference))},${top}V${bottom}"/>`]),
  ];
}

function drawRow(
  { name, estimates }: GroupedIntervalChart["rows"][number],
  { x, series, top }: Pick<Plot, "x" | "top"> & Pick<GroupedIntervalChart, "series">,
): string[] {
  const fitting = fitText(name, WIDTH - 2 * EDGE, FONT_SIZE.label);
  const width = round(textWidth(fitting, FONT_SIZE.label));
  return [
    // Grid lines stop before and behind the name.
    `<rect class="surface" x="${EDGE}" y="${round(top + 2)}" width="${width}" height="${NAME - 4}"/>`,
    svgText(fitting, { class: "label", x: EDGE, y: top + 14 }),
    ...estimates.flatMap((estimate, i) => {
      if (estimate === undefined) return [];
      const colour = seriesClass(series[i]!.colour);
      const y = round(top + NAME + (i + 0.5) * LINE);
      return [
        `<path class="line ${colour}" d="M${round(x(estimate.low))},${y}H${round(x(estimate.high))}"/>`,
        `<circle class="dot ${colour}" cx="${round(x(estimate.value))}" cy="${y}" r="4"/>`,
      ];
    }),
  ];
}
