import { expect, test } from "vitest";
import { chartsOf, reportHtml, reportMarkdown } from "../report/report-document.ts";
import { compareRuns } from "./compare-runs.ts";
import { comparisonReport } from "./comparison-report.ts";
import { items, result, run, share } from "./planted-run.fixture.ts";

const OPTIONS = { seed: 1, numExamples: 3 };

/** Three models on the paper's benchmarks, as in its Table 1. */
function paperRuns() {
  const superNi = (shots: number, right: number) =>
    result(`super-ni-${shots}-shot`, items(share(right, 200)), { rougeL: right / 2, exactMatch: right / 4 });
  const lmentry = (right: number) =>
    result(
      "lmentry",
      [
        ...items(share(right, 50), { task: "first_word", group: "core" }),
        ...items(share(right, 50), { task: "last_word", group: "core" }),
      ],
      { lmentryScore: 1.5 * right, accuracy: 2 * right, robustness: 75 },
    );
  const vicuna = (win: number, lose: number) =>
    result(
      "vicuna-qa",
      items([...share(win, win + lose), ...Array.from({ length: 20 - win - lose }, () => 0.5)]),
      {
        winRate: 5 * win + 2.5 * (20 - win - lose),
        meanScore: null,
        win: 5 * win,
        lose: 5 * lose,
        tie: 5 * (20 - win - lose),
      },
    );
  return [
    run("Alpaca", [superNi(0, 80), superNi(2, 100), lmentry(20)]),
    run("Tuna_p", [superNi(0, 100), superNi(2, 100), lmentry(25), vicuna(10, 10)]),
    run("Tuna", [superNi(0, 82), superNi(2, 96), lmentry(24), vicuna(16, 0)]),
  ];
}

const report = comparisonReport(await compareRuns(paperRuns(), OPTIONS));
const markdown = reportMarkdown(report);

/** The n-th table of a section, without Markdown's own signs. */
function table(title: string, index = 0): string[][] {
  const section = markdown.split("\n## ").find((text) => text.startsWith(`${title}\n`))!;
  const tables = section.split("\n\n").filter((block) => block.startsWith("|"));
  const lines = tables[index]!.split("\n").filter((line) => !line.startsWith("|---"));
  return lines.map((line) => line.slice(2, -2).replaceAll("\\", "").split(" | "));
}

test("Table 1: differences from the baseline, the best bold, marks where p holds", () => {
  expect(table("Results")).toEqual([
    [
      "",
      "Super-NI 0-shot",
      "Super-NI 2-shot",
      "LMentry score",
      "Vicuna QA win",
      "Vicuna QA lose",
      "Vicuna QA tie",
    ],
    ["Alpaca", "40.0", "**50.0**", "30.0", "-", "-", "-"],
    ["Tuna_p", "**50.0 (+10.0) ****", "**50.0 (0.0)**", "**37.5 (+7.5) ***", "50.0", "50.0", "0.0"],
    ["Tuna", "41.0 (+1.0)", "48.0 (-2.0)", "36.0 (+6.0) *", "**80.0 ****", "**0.0**", "20.0"],
  ]);
  const html = reportHtml(report);
  expect(html).toContain('<th scope="colgroup" colspan="2">Super-NI</th>');
  expect(html).toContain("<td><strong>50.0 (+10.0) **</strong></td>");
});

test("a benchmark's section: intervals, p with and without correction, every metric, parts", () => {
  const [header, alpaca, tunaP] = table("Super-NI, 0-shot");
  expect(header).toEqual(["", "ROUGE-L (95 %)", "difference (95 %)", "p", "p (Holm)"]);
  expect(alpaca!.slice(2)).toEqual(["", "", ""]);
  expect(tunaP![1]).toMatch(/^50\.0 \(4\d\.\d to 5\d\.\d\)$/);
  expect(tunaP!.slice(2)).toEqual([
    expect.stringMatching(/^\+10\.0 \(\+6\.\d to \+14\.\d\) \*\*$/),
    "< 0.001",
    "< 0.001",
  ]);
  expect(table("Super-NI, 0-shot", 1)).toContainEqual(["Tuna_p", "50.0", "25.0"]);
  expect(table("LMentry", 2)).toEqual([
    ["task", "items", "Alpaca", "Tuna_p", "Tuna"],
    ["first word", "50", "40.0", "50.0 (+10.0)", "48.0 (+8.0)"],
    ["last word", "50", "40.0", "50.0 (+10.0)", "48.0 (+8.0)"],
  ]);
  expect(markdown).toContain("no mean over items: intervals and tests are of the accuracy on the core tasks");
  expect(table("Vicuna QA")[0]).toContain("win rate (95 %)");
  expect(table("Vicuna QA", 1)[0]).toEqual(["", "win rate", "win", "lose", "tie"]);
});

test("charts are files of the names in the Markdown, one name each", () => {
  const files = chartsOf(report).map(({ file }) => file);
  expect(new Set(files).size).toBe(files.length);
  expect(files).toEqual([
    "1-super-ni-0-shot-runs.svg",
    "2-super-ni-2-shot-runs.svg",
    "3-lmentry-runs.svg",
    "3-lmentry-parts.svg",
    "4-vicuna-qa-runs.svg",
    "4-vicuna-qa-outcomes.svg",
  ]);
  for (const file of files) expect(markdown).toContain(`](${file})`);
});

test("with four models the two best are bold", async () => {
  const runs = [1, 2, 3, 4, 3].map((right, i) => run(`m${i + 1}`, [result("own", items(share(right, 10)))]));
  const cells = reportMarkdown(comparisonReport(await compareRuns(runs, OPTIONS))).split("\n");
  expect(cells).toContain("| m2 | 20.0 (+10.0) |");
  expect(cells).toContain("| m3 | **30.0 (+20.0)** |");
  expect(cells).toContain("| m4 | **40.0 (+30.0)** |");
  expect(cells).toContain("| m5 | **30.0 (+20.0)** |");
});

test("what was left out, pooled, or asked otherwise is said", async () => {
  const half = items(share(30, 60), { question: "another" });
  const runs = [
    run("all", [result("own", items(share(30, 60)))]),
    run("pooled", [result("own", half)], [result("own", half.slice(5))]),
  ];
  const text = reportMarkdown(comparisonReport(await compareRuns(runs, OPTIONS)));
  expect(text).toContain("Seeds are pooled: pooled (2).");
  expect(text).toContain("another run has them not: 5 items of all.");
  expect(text).toContain("pooled: 5 items left out that only some of its seeds have.");
  expect(text).toContain("The question of 55 items reads differently");
  expect(text).toContain("models/pooled-0; models/pooled-1");
  // Of 50 and 100 · 25/55 percent.
  expect(text).toContain("| 50.0, 45.5 (SD 3.2) |");
});

test("what an answer was judged against stands beside it, once for all runs", async () => {
  const judged = (won: number, rival: string) => {
    const scored = items(share(won, 4), { rivalAnswer: `said by ${rival}` });
    const metrics = { winRate: 25 * won, win: 25 * won, lose: 100 - 25 * won, tie: 0 };
    return { ...result("vicuna-qa", scored, metrics), rival };
  };
  const textOf = async (...rivals: string[]): Promise<string> => {
    const runs = rivals.map((rival, i) => run(`r${i}`, [judged(4 * i, rival)]));
    return reportMarkdown(comparisonReport(await compareRuns(runs, { seed: 1, numExamples: 1 })));
  };
  const same = await textOf("sft", "sft");
  expect(same).toContain("against the answer of sft;");
  expect(same).toMatch(/\*\*sft\*\*, rival\s+```text\nsaid by sft\n```\s+\*\*r0\*\*, lost/);
  expect(same.match(/rival/g)).toHaveLength(1);
  const different = await textOf("sft", "gpt");
  expect(different.match(/, rival/g)).toHaveLength(2);
  expect(different).toContain(
    "Vicuna QA: runs were judged against different answers, and cannot be compared",
  );
  expect(same).toContain("**100.0");
  expect(different).not.toContain("**100.0");
  expect(different).toContain("In 4 items, runs were judged against different answers (r0: sft, r1: gpt).");
});

test("one run alone: no column of differences and nothing about tests", async () => {
  const text = reportMarkdown(
    comparisonReport(await compareRuns([run("a", [result("own", items(share(5, 10)))])], OPTIONS)),
  );
  expect(text).toContain("# Evaluation of a");
  expect(text).not.toMatch(/difference|p \(Holm\)|permutation/);
  expect(text).toContain("score 0.00");
});
