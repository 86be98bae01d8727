import { describe, expect, test } from "vitest";
import { type LineChart, lineChart, panels } from "./chart.ts";

const chart: LineChart = {
  title: "Loss",
  xLabel: "step",
  yLabel: "nats",
  series: [
    {
      name: "SFT",
      points: [
        [0, 4],
        [50, 2],
        [100, 0],
      ],
    },
    {
      name: "Tuna",
      points: [
        [0, 1],
        [100, 1],
      ],
    },
  ],
};

/** The texts of the class, as they stand in the file. */
function texts(svg: string, className: string): string[] {
  return Array.from(svg.matchAll(/<text class="([^"]*)"[^>]*>([^<]*)</g))
    .filter(([, name]) => name === className)
    .map(([, , text]) => text!);
}

/** The path of each series, without the samples in the legend. */
function paths(svg: string): string[] {
  return Array.from(svg.matchAll(/class="line [^"]*" d="([^"]*)"/g), ([, path]) => path!).filter(
    (path) => !path.includes("H"),
  );
}

describe("one chart", () => {
  const svg = lineChart({ ...chart, width: 500, height: 300 });

  test("is one closed document that refers to nothing outside", () => {
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^]*<\/svg>\n$/);
    expect(svg.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|url\(|<script|@import/);
    for (const tag of ["g", "text", "title", "style", "svg"]) {
      const opened = svg.match(new RegExp(`<${tag}[ >]`, "g"))?.length;
      expect(svg.match(new RegExp(`</${tag}>`, "g"))?.length).toBe(opened);
    }
  });

  test("names title, axes and series", () => {
    expect(texts(svg, "title")).toEqual(["Loss"]);
    expect(texts(svg, "label").toSorted()).toEqual(["SFT", "Tuna", "nats", "step"]);
  });

  test("puts points where the ticks of the same value are", () => {
    const xTick = (label: string): number => Number(tick(`x="([\\d.]+)"[^>]*middle">${label}<`));
    // The baseline of a label stands 4 pixels below its tick.
    const yTick = (label: string): number => Number(tick(`y="([\\d.]+)"[^>]*end">${label}<`)) - 4;
    const tick = (pattern: string): string => new RegExp(`class="tick"[^>]* ${pattern}`).exec(svg)![1]!;
    const corners = /^M([\d.]+),([\d.]+)L([\d.]+),([\d.]+)L([\d.]+),([\d.]+)$/
      .exec(paths(svg)[0]!)!
      .map(Number);
    const [, x0, y4, x50, y2, x100, y0] = corners;
    expect([x0, x100]).toEqual([xTick("0"), xTick("100")]);
    expect(x50).toBeCloseTo((x0! + x100!) / 2, 1);
    expect([y4, y2, y0]).toEqual([yTick("4"), yTick("2"), yTick("0")]);
  });

  test("is light or dark as the reader's system prefers", () => {
    const [light, dark] = svg.split("@media (prefers-color-scheme: dark)");
    expect(light).toContain(".surface { fill: #ffffff; }");
    expect(dark).toMatch(/\.surface \{ fill: #1[0-9a-f]{5}; \}/);
  });

  test("every colour stands out from its surface by 3:1, text by 4.5:1 (WCAG 2.1)", () => {
    for (const rules of svg.split("@media")) {
      const colour = (selector: string): string =>
        new RegExp(`${selector} \\{ (?:fill|stroke): (#[0-9a-f]{6})`).exec(rules)![1]!;
      const surface = colour("\\.surface");
      for (const i of [0, 1, 2, 3, 4, 5]) {
        expect(contrast(colour(`\\.line\\.series-${i}`), surface)).toBeGreaterThanOrEqual(3);
      }
      for (const name of ["\\.label", "\\.tick"]) {
        expect(contrast(colour(name), surface)).toBeGreaterThanOrEqual(4.5);
      }
    }
  });
});

describe("data of any kind", () => {
  test("text is escaped, and what XML forbids left out", () => {
    const svg = lineChart({ ...chart, title: `<b> & "x" \u0000\uD800😀`, xLabel: "</svg>" });
    expect(texts(svg, "title")).toEqual(["&#60;b&#62; &#38; &#34;x&#34; 😀"]);
    expect(svg).not.toContain("<b>");
    expect(svg).not.toContain("\u0000");
    expect(svg.split("</svg>")).toHaveLength(2);
  });

  test("a value that is not finite leaves a gap and stretches no axis", () => {
    const svg = lineChart({
      ...chart,
      series: [
        {
          name: "a",
          points: [
            [0, 1],
            [1, 2],
            [2, Number.NaN],
            [3, Number.POSITIVE_INFINITY],
            [4, 1],
            [5, 2],
          ],
        },
      ],
    });
    expect(paths(svg)[0]!.match(/M/g)).toHaveLength(2);
    expect(svg.match(/<circle/g)).toHaveLength(4);
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  test("no series, no points, one point, one value", () => {
    expect(texts(lineChart({ ...chart, series: [] }), "label")).toContain("no data");
    expect(texts(lineChart({ ...chart, series: [{ name: "a", points: [] }] }), "label")).toContain("no data");
    for (const value of [0, 7, -7, 1e-6]) {
      const svg = lineChart({ ...chart, series: [{ name: "a", points: [[value, value]] }] });
      expect(svg).not.toMatch(/NaN|Infinity|no data/);
    }
  });

  test("very small and very large numbers keep short labels", () => {
    const ticks = (top: number): string[] => {
      const points: [number, number][] = [
        [0, 0],
        [10, top],
      ];
      return texts(lineChart({ ...chart, series: [{ name: "a", points }] }), "tick");
    };
    expect(ticks(2e-5)).toEqual(expect.arrayContaining(["0", "1e-5", "2e-5"]));
    expect(ticks(3_000_000)).toEqual(expect.arrayContaining(["0", "1M", "3M"]));
    expect(ticks(2000)).toEqual(expect.arrayContaining(["0", "1,000", "2,000"]));
  });

  test("a hundred thousand points need no deep stack", () => {
    const points = Array.from({ length: 100_000 }, (_, i): [number, number] => [i, Math.sin(i)]);
    expect(lineChart({ ...chart, series: [{ name: "a", points }] })).not.toContain("<circle");
  });

  test("the legend breaks into rows, and colours used up come again dashed", () => {
    const series = Array.from({ length: 8 }, (_, i) => ({ name: `series number ${i}`, points: [] }));
    const svg = lineChart({ ...chart, series, width: 400 });
    const rows = new Set(Array.from(svg.matchAll(/ y="([\d.]+)"[^>]*>series number/g), ([, y]) => y));
    expect(rows.size).toBeGreaterThan(1);
    expect(svg).toContain('class="line series-1"');
    expect(svg).toContain('class="line series-1 dashed"');
    const ends = Array.from(svg.matchAll(/ x="([\d.]+)"[^>]*>series number/g), ([, x]) => Number(x));
    expect(Math.max(...ends)).toBeLessThan(400);
  });
});

describe("panels", () => {
  test("stand in rows, each as large as it asks", () => {
    const svg = panels([{ ...chart, width: 300 }, chart, { ...chart, width: 200, height: 200 }], {
      columns: 2,
    });
    expect(svg).toContain('width="940" height="600"');
    expect(Array.from(svg.matchAll(/translate\(([^)]*)\)/g), ([, place]) => place)).toEqual([
      "0,0",
      "300,0",
      "0,400",
    ]);
    expect(texts(svg, "title")).toEqual(["Loss", "Loss", "Loss"]);
  });
});

/** WCAG 2.1, "contrast ratio". */
function contrast(first: string, second: string): number {
  const [light, dark] = [luminance(first), luminance(second)].toSorted((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((start) => {
    const share = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
