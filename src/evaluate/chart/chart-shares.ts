/** Shares that add up to a whole, one bar a row: win, tie, lose. */
import { scaleLinear } from "d3-scale";
import { svgDocument } from "./chart-document.ts";
import { FONT_SIZE } from "./chart-style.ts";
import { escapeXml, fitText, round, svgText } from "./chart-text.ts";

export interface ShareChart {
  title: string;
  /** In percent, from left to right; the middle one of three is drawn faint, between two that are not. */
  rows: readonly { name: string; shares: readonly { name: string; percent: number }[] }[];
}

const WIDTH = 440;
const EDGE = 16;
const TOP = 44;
const NAME = 20;
const BAR = 20;
const GAP = 10;
/** Pixels that a bar's part needs to hold its text. */
const TEXT_WIDTH = 52;

export function shareChart({ title, rows }: ShareChart): string {
  const rowHeight = NAME + BAR + GAP;
  const height = TOP + rows.length * rowHeight + 8;
  const elements = [
    `<title>${escapeXml(title)}</title>`,
    svgText(fitText(title, WIDTH - 2 * EDGE, FONT_SIZE.title), { class: "title", x: EDGE, y: 28 }),
    ...rows.flatMap((row, i) => drawBar(row, TOP + i * rowHeight)),
  ];
  return svgDocument({ title, width: WIDTH, height, style: SHARE_STYLE }, elements);
}

function drawBar({ name, shares }: ShareChart["rows"][number], top: number): string[] {
  const x = scaleLinear([0, 100], [EDGE, WIDTH - EDGE]);
  const fitting = fitText(name, WIDTH - 2 * EDGE, FONT_SIZE.label);
  let end = 0;
  return [
    svgText(fitting, { class: "label", x: EDGE, y: top + 14 }),
    ...shares.flatMap((share, i) => {
      const [from, to] = [x(end), x(end + share.percent)];
      end += share.percent;
      const place = `x="${round(from)}" y="${top + NAME}" width="${round(to - from)}" height="${BAR}"`;
      const text = `${share.name} ${share.percent.toFixed(0)}`;
      return [
        `<rect class="share share-${i}" ${place}/>`,
        ...(to - from < TEXT_WIDTH
          ? []
          : [
              svgText(text, {
                class: `share-text share-text-${i}`,
                x: (from + to) / 2,
                y: top + NAME + BAR - 6,
                anchor: "middle",
              }),
            ]),
      ];
    }),
  ];
}

/** Text on each colour has a contrast of 4.5:1 or more. */
const SHARE_STYLE = `
.tuna-chart .share-text { font-size: ${FONT_SIZE.tick}px; font-variant-numeric: tabular-nums; }
.tuna-chart .share-0 { fill: #1f6fd6; } .tuna-chart .share-text-0 { fill: #ffffff; }
.tuna-chart .share-1 { fill: #d9dee3; } .tuna-chart .share-text-1 { fill: #1f2328; }
.tuna-chart .share-2 { fill: #b04a12; } .tuna-chart .share-text-2 { fill: #ffffff; }
@media (prefers-color-scheme: dark) {
.tuna-chart .share-1 { fill: #3a434e; } .tuna-chart .share-text-1 { fill: #e6edf3; }
}
`;
