/** Judges with known biases, made from a seed: the audit must find what was planted, and nothing else. */
import { expect, test } from "vitest";
import { randomStream } from "../../random.ts";
import { auditReport } from "./audit-report.ts";
import { itemDetails } from "./item-details.ts";
import { auditJudges } from "./judge-audit.ts";
import type { JudgedItem } from "./judged-item.ts";
import { reportHtml, reportMarkdown } from "../report/report-document.ts";

interface PlantedJudge {
  name: string;
  noise?: number;
  /** Added to the score of what stands first. */
  forFirst?: number;
  /** By character. */
  forLength?: number;
  /** For responses whose source is its own name. */
  forItself?: number;
}

const NUM_RESPONSES = 4;

/** Items whose responses have a quality, a length that is unrelated to it, and a source. */
function world(judges: readonly PlantedJudge[], { items = 200, orders = 4 } = {}) {
  const random = randomStream(1, "audit-test", items);
  const human = new Map<string, number[][]>();
  const judged = Array.from({ length: items }, (_, number): JudgedItem => {
    const quality = Array.from({ length: NUM_RESPONSES }, () => random.normal());
    const texts = quality.map(() => "x".repeat(1 + random.integer(100)));
    const sources = random.shuffle(["teacher:vain", "teacher:other", "student", "student"]);
    human.set(
      String(number),
      [1, 2].map(() => quality.map((value) => -value + 0.1 * random.normal())),
    );
    const verdicts = judges.flatMap(({ name, noise = 0.3, forFirst = 0, forLength = 0, forItself = 0 }) =>
      Array.from({ length: orders }, (_unused, shift) => {
        const order = Array.from({ length: NUM_RESPONSES }, (_place, i) => (i + shift) % NUM_RESPONSES);
        const scores = quality.map((value, response) => {
          const bonus =
            (order[0] === response ? forFirst : 0) +
            (sources[response] === `teacher:${name}` ? forItself : 0);
          return value + bonus + forLength * texts[response]!.length + noise * random.normal();
        });
        return { judge: name, order, ranks: scores.map((score) => -score) };
      }),
    );
    return {
      id: String(number),
      group: undefined,
      numResponses: NUM_RESPONSES,
      texts,
      sources,
      verdicts,
      failures: 0,
    };
  });
  return { judged, human };
}

const OPTIONS = { seed: 1, resamples: 400 };

test("a judge without bias: nothing is found, and it agrees with itself and with people", () => {
  const { judged, human } = world([{ name: "fair" }]);
  const { judges, acrossJudges, allJudges, people } = auditJudges(judged, { ...OPTIONS, human });
  const [fair] = judges;
  expect(fair!.position[0]).toMatchObject({ numShown: 4, items: 200, balancedItems: 200 });
  expect(fair!.position[0]!.pValue).toBeGreaterThan(0.05);
  for (const { low, high } of fair!.position[0]!.meanRank)
    expect([low < 1.5, high > 1.5]).toEqual([true, true]);
  expect(fair!.length!.correlation.low).toBeLessThan(0);
  expect(fair!.length!.correlation.high).toBeGreaterThan(0);
  expect(fair!.acrossPermutations!.w!.value).toBeGreaterThan(0.8);
  expect(fair!.human!.spearman!.low).toBeGreaterThan(0.8);
  expect(fair!.human!.pairAccuracy!.low).toBeGreaterThan(0.85);
  expect(fair!.self).toBeUndefined();
  expect([acrossJudges, allJudges]).toEqual([undefined, undefined]);
  expect(people!.agreement!.pairAccuracy!.value).toBeGreaterThan(0.9);
});

test("a judge that favours the first place: found, with the places' own mean ranks", () => {
  const { judged } = world([{ name: "first", forFirst: 1 }]);
  const [bias] = auditJudges(judged, OPTIONS).judges[0]!.position;
  expect(bias!.pValue).toBeLessThan(0.01);
  expect(bias!.meanRank[0]!.high).toBeLessThan(1.2);
  expect(bias!.meanRank.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(6, 9);
});

test("in a single order the same judge cannot be told from a fair one, and the report says so", () => {
  const { judged } = world([{ name: "first", forFirst: 1 }], { orders: 1 });
  const audit = auditJudges(judged, OPTIONS);
  expect(audit.judges[0]!.position[0]).toMatchObject({ items: 200, balancedItems: 0 });
  expect(audit.judges[0]!.acrossPermutations).toBeUndefined();
  expect(reportMarkdown(auditReport(audit))).toContain(
    "on 200 (100.0 %) of its 200 items the responses did not each stand",
  );
});

test("a judge that likes length, beside people who do not", () => {
  const { judged, human } = world([{ name: "long", forLength: 0.02 }]);
  const { judges, people } = auditJudges(judged, { ...OPTIONS, human });
  expect(judges[0]!.length!.correlation.low).toBeGreaterThan(0.2);
  expect(judges[0]!.length!.longerPreferred!.low).toBeGreaterThan(0.55);
  expect(people!.length!.correlation.low).toBeLessThan(0.05);
});

test("a judge that prefers its own model, measured by what the other judge says of the same responses", () => {
  const { judged } = world([{ name: "vain", forItself: 1 }, { name: "other" }]);
  const { judges, acrossJudges } = auditJudges(judged, OPTIONS);
  expect(judges[0]!.self!.preference!.low).toBeGreaterThan(0.5);
  // What the vain one does to its own responses must not look like a preference of the other's.
  expect(Math.abs(judges[1]!.self!.preference!.value)).toBeLessThan(0.15);
  expect(acrossJudges!.w!.items).toBe(200);
});

test("an item that was judged alike in both orders says nothing against the place", () => {
  const pair = (id: number): JudgedItem => ({
    id: String(id),
    group: undefined,
    numResponses: 2,
    texts: undefined,
    sources: undefined,
    verdicts: [
      [0, 1],
      [1, 0],
    ].map((order) => ({ judge: "j", order, ranks: [id % 2, 1 - (id % 2)] })),
    failures: 0,
  });
  const audit = auditJudges([0, 1, 2, 3].map(pair), OPTIONS);
  expect(audit.judges[0]!.position[0]).toMatchObject({
    pValue: 1,
    meanRank: [{ value: 0.5 }, { value: 0.5 }],
  });
  expect(audit.judges[0]!.bothOrders).toMatchObject([
    { pairs: 4, consistent: 4, alwaysFirst: 0, combined: { win: 2, lose: 2 } },
  ]);
  expect(audit.judges[0]!.length).toBeUndefined();
});

test("people by votes: the most frequent relation counts, and a tie where there is none", () => {
  const item = (id: string, ranks: number[]): JudgedItem => ({
    id,
    group: undefined,
    numResponses: 2,
    texts: undefined,
    sources: undefined,
    verdicts: [{ judge: "j", order: [0, 1], ranks }],
    failures: 0,
  });
  const human = new Map([
    [
      "a",
      [
        [0, 1],
        [0, 1],
        [1, 0],
      ],
    ],
    [
      "b",
      [
        [0, 0],
        [0, 0],
        [0, 1],
      ],
    ],
    [
      "c",
      [
        [0, 1],
        [1, 0],
        [0, 0],
      ],
    ],
    [
      "d",
      [
        [1, 0],
        [1, 0],
        [1, 0],
      ],
    ],
  ]);
  const items = [
    item("a", [0, 1]),
    item("b", [0, 1]),
    item("c", [0, 0]),
    item("d", [0, 0]),
    item("e", [0, 1]),
  ];
  const { human: result } = auditJudges(items, { ...OPTIONS, human }).judges[0]!;
  expect(result).toMatchObject({
    items: 4,
    pairAccuracy: { value: 0.5 },
    decidedPairAccuracy: { value: 0.75, items: 2 },
    confusion: [
      [1, 0, 0],
      [1, 1, 0],
      [0, 1, 0],
    ],
  });
});

test("details: one row an item, in the order of the data", () => {
  const { judged, human } = world([{ name: "fair" }, { name: "other" }], { items: 2 });
  const rows = itemDetails(judged, human);
  expect(rows.map(({ id }) => id)).toEqual(["0", "1"]);
  expect(rows[0]).toMatchObject({ verdicts: 8, failures: 0 });
  expect(Object.keys(rows[0]!.meanRanks)).toEqual(["fair", "other"]);
  expect(rows[0]!.people).toHaveLength(4);
  expect(itemDetails(judged, undefined)[0]).not.toHaveProperty("people");
});

test("the page refers to nothing outside, and names from the data are no markup", () => {
  const { judged, human } = world([{ name: "<img src=x onerror=alert(1)>|`" }, { name: "b" }], { items: 20 });
  const report = auditReport(auditJudges(judged, { ...OPTIONS, human }));
  const html = reportHtml(report);
  expect(html.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(
    /https?:|<script|<link|@import|url\(|<img/,
  );
  expect(html).toContain("&#60;img src=x onerror=alert(1)&#62;");
  expect(html).toContain('<meta name="viewport"');
  for (const tag of ["section", "table", "svg", "p", "tr"]) {
    expect(html.match(new RegExp(`</${tag}>`, "g"))?.length).toBe(
      html.match(new RegExp(`<${tag}[ >]`, "g"))?.length,
    );
  }
  const markdown = reportMarkdown(report);
  expect(markdown).not.toMatch(/(?<!\\)<img/);
  expect(markdown).toContain(String.raw`onerror=alert(1)\>\|\``);
  for (const line of markdown.split("\n").filter((each) => each.startsWith("| ")))
    expect(line).toMatch(/ \|$/);
});
