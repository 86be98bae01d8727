/** What every chart is wrapped in: one SVG document with its style, a surface and a name for screen readers. */
import { CHART_STYLE } from "./chart-style.ts";
import { escapeXml } from "./chart-text.ts";

export interface ChartDocument {
  readonly title: string;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Rules beside those that all charts share. */
  readonly style?: string;
}

export function svgDocument(
  { title, width, height, style = "" }: ChartDocument,
  elements: readonly string[],
): string {
  const size = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="tuna-chart" ${size} role="img" aria-label="${escapeXml(title)}">`,
    `<style>${CHART_STYLE}${style}</style>`,
    `<rect class="surface" width="${width}" height="${height}"/>`,
    ...elements,
    "</svg>\n",
  ].join("\n");
}
