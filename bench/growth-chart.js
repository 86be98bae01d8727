/** How cost grows, as one SVG: for each axis a panel with seconds, and memory below, all on logarithmic scales. */
import { scaleLog } from "d3-scale";
import { line } from "d3-shape";
import { LEGEND_ROW_HEIGHT, drawLegend, legendRows } from "../dist/evaluate/chart/chart-legend.js";
import { CHART_STYLE, seriesClass } from "../dist/evaluate/chart/chart-style.js";
import { escapeXml, round, svgText } from "../dist/evaluate/chart/chart-text.js";
import { AXES } from "./growth-table.js";

/** Two panels a row, narrow enough to be read on a phone; drawn a third larger where there is room. */
const WIDTH = 480;
const ENLARGED = 4 / 3;
const EDGE = 12;
const PANEL = { width: WIDTH / 2, height: 270, left: 54, right: WIDTH / 2 - 14, title: 18, xLabels: 16 };
/** Top and bottom in a panel, in pixels. */
const SECONDS = [32, 152];
const MEMORY = [172, 236];
const SERIES = ["step", "roofline", "peak memory"];

export function growthChart({ growth, machine }) {
  const legend = legendRows(SERIES, WIDTH - 2 * EDGE);
  const top = EDGE + legend.length * LEGEND_ROW_HEIGHT + 10;
  const height = top + (PANEL.height * AXES.length) / 2;
  const scales = sharedScales(AXES.flatMap(({ axis }) => growth[axis]));
  const panels = AXES.map(({ axis, title }, index) => {
    const place = `translate(${(index % 2) * PANEL.width},${top + Math.floor(index / 2) * PANEL.height})`;
    return `<g transform="${place}">\n${drawPanel(growth[axis], { axis, title, ...scales })}\n</g>`;
  });
  const size = `viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH * ENLARGED}" height="${height * ENLARGED}"`;
  const name = `How an optimizer step grows: seconds and memory against ${AXES.map(({ title }) => title).join(", ")}. ${machine.cpu}, ${machine.date}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="tuna-chart" ${size} role="img" aria-label="${escapeXml(name)}">`,
    `<style>${CHART_STYLE}</style>`,
    `<rect class="surface" width="${WIDTH}" height="${height}"/>`,
    ...drawLegend(legend, { left: EDGE, top: EDGE }),
    ...panels,
    "</svg>\n",
  ].join("\n");
}

/** The same in all panels, so that they can be compared. */
function sharedScales(rows) {
  const seconds = rows.flatMap((row) => [row.seconds, row.roofSeconds]);
  const memory = rows.map(({ peakGigabytes }) => peakGigabytes);
  return {
    seconds: scaleLog(extent(seconds), SECONDS.toReversed()),
    memory: scaleLog(extent(memory), MEMORY.toReversed()),
  };
}

/** With some room beyond the least and the greatest. */
function extent(values) {
  return [Math.min(...values) / 1.3, Math.max(...values) * 1.3];
}

function drawPanel(rows, { axis, title, seconds, memory }) {
  const values = rows.map((row) => row[axis]);
  const x = scaleLog([values[0], values.at(-1)], [PANEL.left + 8, PANEL.right - 8]);
  const points = (key, y) => rows.map((row) => [round(x(row[axis])), round(y(row[key]))]);
  return [
    svgText(title, { class: "title", x: PANEL.left, y: PANEL.title }),
    ...grid([0.001, 0.01, 0.1, 1, 10, 100, 1000], { y: seconds, unit: "s" }),
    ...grid([0.2, 0.5, 1, 2, 5, 10, 20, 50], { y: memory, unit: "GB" }),
    ...values.map((value) =>
      svgText(String(value), {
        class: "tick",
        x: x(value),
        y: MEMORY[1] + PANEL.xLabels,
        anchor: "middle",
      }),
    ),
    ...drawSeries(points("roofSeconds", seconds), 1),
    ...drawSeries(points("seconds", seconds), 0),
    ...drawSeries(points("peakGigabytes", memory), 2),
  ].join("\n");
}

/** Lines at those of the values that lie in the scale. */
function grid(values, { y, unit }) {
  const [low, high] = y.domain();
  const ticks = values.filter((value) => value >= low && value <= high);
  return ticks.flatMap((value) => {
    const at = round(y(value));
    return [
      `<path class="grid" d="M${PANEL.left},${at}H${PANEL.right}"/>`,
      svgText(`${value} ${unit}`, { class: "tick", x: PANEL.left - 6, y: at + 4, anchor: "end" }),
    ];
  });
}

function drawSeries(points, index) {
  return [
    `<path class="line ${seriesClass(index)}" d="${line()(points)}"/>`,
    ...points.map(([x, y]) => `<circle class="dot ${seriesClass(index)}" cx="${x}" cy="${y}" r="3"/>`),
  ];
}
