/** One chart as SVG elements: title, legend, axes with ticks, lines. */
import { scaleLinear, type ScaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { drawLegend, LEGEND_ROW_HEIGHT, legendRows } from "./chart-legend.ts";
import { FONT_SIZE, seriesClass } from "./chart-style.ts";
import { escapeXml, fitText, round, svgText, textWidth } from "./chart-text.ts";

export interface Panel {
  title: string;
  xLabel: string;
  yLabel: string;
  series: readonly { name: string; points: readonly Point[] }[];
  width: number;
  height: number;
}

/** `[x, y]` */
type Point = readonly [number, number];

const EDGE = 16;
const TITLE_HEIGHT = 40;
const X_AXIS_HEIGHT = 52;
const Y_LABEL_WIDTH = 26;
const TICK_GAP = 8;
/** Few points are marked one by one; many would run together. */
const MAX_DOTS = 30;

/** Where the lines are drawn, in pixels of the panel. */
interface Plot {
  x: ScaleLinear<number, number>;
  y: ScaleLinear<number, number>;
  xTicks: Tick[];
  yTicks: Tick[];
}

interface Tick {
  at: number;
  label: string;
}

export function drawPanel(panel: Panel): string {
  const names = panel.series.map(({ name }) => name);
  const legend = legendRows(names, panel.width - 2 * EDGE);
  const plot = layOut(panel, TITLE_HEIGHT + legend.length * LEGEND_ROW_HEIGHT + 12);
  const title = fitText(panel.title, panel.width - 2 * EDGE, FONT_SIZE.title);
  const elements = [
    `<title>${escapeXml(panel.title)}</title>`,
    svgText(title, { class: "title", x: EDGE, y: 28 }),
    ...drawLegend(legend, { left: EDGE, top: TITLE_HEIGHT }),
    ...drawAxes(plot),
    ...drawAxisLabels(panel, plot),
    ...panel.series.flatMap(({ points }, index) => drawSeries(points, index, plot)),
  ];
  return elements.join("\n");
}

function layOut({ series, width, height }: Panel, top: number): Plot {
  const points = series.flatMap((one) => one.points).filter(isDrawable);
  const bottom = height - X_AXIS_HEIGHT;
  const yCount = Math.max(2, (bottom - top) / 50);
  const y = scaleLinear(extent(points.map((point) => point[1])), [bottom, top]).nice(yCount);
  const yTicks = ticksOf(y, yCount);
  const widest = Math.max(0, ...yTicks.map(({ label }) => textWidth(label, FONT_SIZE.tick)));
  const left = EDGE + Y_LABEL_WIDTH + widest + TICK_GAP;
  const x = scaleLinear(extent(points.map((point) => point[0])), [left, width - EDGE - 8]);
  return { x, y, yTicks, xTicks: ticksOf(x, Math.max(2, (width - left) / 90)) };
}

/** From the least to the greatest; a single value gets room on both sides. */
function extent(values: readonly number[]): [number, number] {
  const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  if (low < high) return [low, high];
  if (low === high) return [low - (Math.abs(low) || 1) / 2, high + (Math.abs(high) || 1) / 2];
  return [0, 1];
}

function ticksOf(scale: ScaleLinear<number, number>, count: number): Tick[] {
  const greatest = Math.max(...scale.domain().map(Math.abs));
  // Learning rates as 2e-5, tokens as 1.5M; between these, plain decimals.
  const notation = greatest < 1e-3 ? "~e" : greatest >= 1e6 ? "~s" : undefined;
  const format = scale.tickFormat(count, notation);
  // A plain zero, where those notations have 0e+0 and 0M.
  return scale.ticks(count).map((value) => {
    return { at: round(scale(value)), label: value === 0 && notation ? "0" : format(value) };
  });
}

function drawAxes({ x, y, xTicks, yTicks }: Plot): string[] {
  const [left, right] = x.range().map(round) as [number, number];
  const [bottom, top] = y.range().map(round) as [number, number];
  return [
    ...yTicks.map(({ at }) => `<path class="grid" d="M${left},${at}H${right}"/>`),
    ...yTicks.map(({ at, label }) =>
      svgText(label, { class: "tick", x: left - TICK_GAP, y: at + 4, anchor: "end" }),
    ),
    `<path class="axis" fill="none" d="M${left},${top}V${bottom}H${right}"/>`,
    ...xTicks.map(({ at }) => `<path class="axis" d="M${at},${bottom}v5"/>`),
    ...xTicks.map(({ at, label }) =>
      svgText(label, { class: "tick", x: at, y: bottom + 18, anchor: "middle" }),
    ),
  ];
}

function drawAxisLabels({ xLabel, yLabel, series, height }: Panel, { x, y }: Plot): string[] {
  const centre = { x: middle(x.range()), y: middle(y.range()) };
  const isEmpty = !series.some(({ points }) => points.some(isDrawable));
  return [
    svgText(xLabel, { class: "label", x: centre.x, y: height - 12, anchor: "middle" }),
    svgText(yLabel, { class: "label", x: EDGE + 8, y: centre.y, anchor: "middle", upwards: true }),
    ...(isEmpty ? [svgText("no data", { class: "label", ...centre, anchor: "middle" })] : []),
  ];
}

function drawSeries(points: readonly Point[], index: number, { x, y }: Plot): string[] {
  const path = line<Point>()
    .defined(isDrawable)
    .x((point) => round(x(point[0])))
    .y((point) => round(y(point[1])));
  const dots = points.length > MAX_DOTS ? [] : points.filter(isDrawable);
  return [
    `<path class="line ${seriesClass(index)}" d="${path(points) ?? ""}"/>`,
    ...dots.map(
      ([px, py]) =>
        `<circle class="dot ${seriesClass(index)}" cx="${round(x(px))}" cy="${round(y(py))}" r="3.5"/>`,
    ),
  ];
}

function isDrawable(point: Point): boolean {
  return point.every(Number.isFinite);
}

function middle(range: readonly number[]): number {
  return (range[0]! + range[1]!) / 2;
}
