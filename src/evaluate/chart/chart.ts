/** Line charts as self-contained SVG: no script, no outside font, light or dark as the reader's system prefers. */
import { drawPanel, type Panel } from "./chart-panel.ts";
import { svgDocument } from "./chart-document.ts";

/** Points are `[x, y]` in the order they are joined; one that is not finite leaves a gap. Sizes are in pixels. */
export type LineChart = Omit<Panel, "width" | "height"> & { width?: number; height?: number };

const SIZE = { width: 640, height: 400 };

/** One chart as an SVG document. */
export function lineChart(chart: LineChart): string {
  return panels([chart]);
}

/** Several charts in one SVG document, in rows of `columns`. Each column is as wide, each row as high, as it needs. */
export function panels(charts: readonly LineChart[], { columns = 2 }: { columns?: number } = {}): string {
  const sized = charts.map((chart) => ({ ...SIZE, ...chart }));
  const offset = gridOffsets(sized, columns);
  const drawn = sized.map((chart, i) => {
    const place = `translate(${offset.x[i % columns]!},${offset.y[Math.floor(i / columns)]!})`;
    return `<g transform="${place}">\n${drawPanel(chart)}\n</g>`;
  });
  const [width, height] = [offset.x.at(-1)!, offset.y.at(-1)!];
  const title = charts.map((chart) => chart.title).join("; ");
  return svgDocument({ title, width, height }, drawn);
}

/** Where each column and row begins, and last where the grid ends. */
function gridOffsets(
  sizes: readonly { width: number; height: number }[],
  columns: number,
): { x: number[]; y: number[] } {
  const widths: number[] = [];
  const heights: number[] = [];
  for (const [i, { width, height }] of sizes.entries()) {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    widths[column] = Math.max(widths[column] ?? 0, width);
    heights[row] = Math.max(heights[row] ?? 0, height);
  }
  return { x: runningSum(widths), y: runningSum(heights) };
}

function runningSum(lengths: readonly number[]): number[] {
  let sum = 0;
  return [0, ...lengths.map((length) => (sum += length))];
}
