/** The names of the series, each beside a piece of its line, in rows under the title. */
import { FONT_SIZE, seriesClass } from "./chart-style.ts";
import { fitText, round, svgText, textWidth } from "./chart-text.ts";

export const LEGEND_ROW_HEIGHT = 20;
const SAMPLE_WIDTH = 24;
const GAP = 18;

interface Entry {
  name: string;
  series: number;
  x: number;
}

/** Fills row after row from left to right. */
export function legendRows(names: readonly string[], width: number): Entry[][] {
  const rows: Entry[][] = [];
  let x = Number.POSITIVE_INFINITY;
  for (const [series, fullName] of names.entries()) {
    const name = fitText(fullName, width - SAMPLE_WIDTH, FONT_SIZE.label);
    const length = SAMPLE_WIDTH + textWidth(name, FONT_SIZE.label);
    if (x + length > width) {
      rows.push([]);
      x = 0;
    }
    rows.at(-1)!.push({ name, series, x });
    x += length + GAP;
  }
  return rows;
}

export function drawLegend(rows: readonly Entry[][], { left, top }: { left: number; top: number }): string[] {
  return rows.flatMap((row, i) => {
    const middle = top + (i + 0.5) * LEGEND_ROW_HEIGHT;
    return row.flatMap(({ name, series, x }) => {
      const start = round(left + x);
      const end = round(start + SAMPLE_WIDTH - 6);
      return [
        `<path class="line ${seriesClass(series)}" d="M${start},${middle}H${end}"/>`,
        svgText(name, { class: "label", x: start + SAMPLE_WIDTH, y: middle + 4 }),
      ];
    });
  });
}
