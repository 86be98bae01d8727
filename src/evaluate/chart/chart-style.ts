/** Colours and type of the charts. */

/** Every colour has a contrast of 3:1 or more to its surface, so that thin lines stay legible. */
const LIGHT = {
  surface: "#ffffff",
  text: "#1f2328",
  faint: "#59636e",
  grid: "#e4e7eb",
  series: ["#1f6fd6", "#c2571a", "#1a8a5f", "#8a4fc7", "#c43d7b", "#0f8a9d"],
};

const DARK: typeof LIGHT = {
  surface: "#15191f",
  text: "#e6edf3",
  faint: "#9aa4af",
  grid: "#2b323b",
  series: ["#5aa2f5", "#f08a4b", "#3fbf8c", "#b98af0", "#ef7fb0", "#3fbccf"],
};

/** Pixels. */
export const FONT_SIZE = { title: 15, label: 12, tick: 11 } as const;

/** The classes of the series with this index: when the colours are used up, they come again dashed. */
export function seriesClass(index: number): string {
  const colour = `series-${index % LIGHT.series.length}`;
  return index < LIGHT.series.length ? colour : `${colour} dashed`;
}

// Plain rules and no CSS variables: several SVG renderers do not know those.
export const CHART_STYLE: string = `
.tuna-chart { font-family: system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; }
.tuna-chart .title { font-size: ${FONT_SIZE.title}px; font-weight: 600; }
.tuna-chart .label { font-size: ${FONT_SIZE.label}px; }
.tuna-chart .tick { font-size: ${FONT_SIZE.tick}px; font-variant-numeric: tabular-nums; }
.tuna-chart .grid { stroke-width: 1; }
.tuna-chart .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.tuna-chart .dashed { stroke-dasharray: 6 4; }
${colourRules(LIGHT)}
@media (prefers-color-scheme: dark) {
${colourRules(DARK)}
}
`;

function colourRules({ surface, text, faint, grid, series }: typeof LIGHT): string {
  const rules = [
    `.surface { fill: ${surface}; }`,
    `.title, .tuna-chart .label { fill: ${text}; }`,
    `.tick { fill: ${faint}; }`,
    `.grid { stroke: ${grid}; }`,
    `.axis { stroke: ${faint}; }`,
    ...series.map((colour, i) => `.line.series-${i} { stroke: ${colour}; }`),
    ...series.map((colour, i) => `.dot.series-${i} { fill: ${colour}; stroke: ${surface}; }`),
  ];
  return rules.map((rule) => `.tuna-chart ${rule}`).join("\n");
}
