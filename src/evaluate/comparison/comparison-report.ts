/** A comparison as a report: Table 1 first, then a section for each benchmark, then the runs. */
import { countOf } from "../../text/count-of.ts";
import type { ReportDocument, ReportSection } from "../report/report-document.ts";
import type { ReportExample } from "../report/report-examples.ts";
import { benchmarkSection, partText } from "./benchmark-section.ts";
import type {
  BenchmarkComparison,
  Comparison,
  ExampleAnswer,
  ExampleItem,
  RunOutcome,
} from "./comparison.ts";
import { inSeries } from "./comparison-text.ts";
import { tableOne } from "./table-one.ts";

/** Charts side by side where there is room; the name of a row stays in view while its table scrolls. */
const COMPARISON_STYLE = `
figure { display: inline-block; vertical-align: top; max-width: 100%; margin: 0.5rem 0; }
thead th { white-space: nowrap; }
tbody th { position: sticky; left: 0; background: var(--surface); }
`;

export function comparisonReport(comparison: Comparison): ReportDocument {
  const { baseline, runs, benchmarks } = comparison;
  const others = runs.filter(({ name }) => name !== baseline).map(({ name }) => name);
  const title =
    others.length === 0 ? `Evaluation of ${baseline}` : `${inSeries(others)} compared with ${baseline}`;
  return {
    title,
    style: COMPARISON_STYLE,
    lead: lead(comparison),
    sections: [
      tableOne(comparison),
      ...benchmarks.flatMap((benchmark) => [
        benchmarkSection(benchmark, comparison),
        ...examplesSection(benchmark, comparison),
      ]),
      runsSection(comparison),
    ],
  };
}

function lead({ runs, numTests, seed }: Comparison): string[] {
  const tests =
    numTests === 0
      ? ""
      : " p is two-sided, of a permutation test in which the sign of each item's difference is drawn again.";
  const pooled = runs
    .filter(({ models }) => models.length > 1)
    .map(({ name, models }) => `${name} (${models.length})`);
  return [
    `In brackets are 95 % intervals, from drawing the items again, in pairs where runs are compared.${tests} Everything drawn is drawn with seed ${seed}.`,
    ...(pooled.length === 0
      ? []
      : [
          `Seeds are pooled: ${pooled.join(", ")}. An item's score is the mean of the seeds, so intervals speak of other items and not of other seeds; the seeds themselves stand beside.`,
        ]),
  ];
}

function examplesSection(benchmark: BenchmarkComparison, { seed }: Comparison): ReportSection[] {
  const { title, examples, runs } = benchmark;
  if (examples.length === 0) return [];
  const which =
    runs.length === 1
      ? `${countOf(examples.length, "item")}, drawn with seed ${seed}.`
      : `${countOf(examples.length, "item")} on which the runs differ most, drawn with seed ${seed} from those that differ equally.`;
  return [
    {
      title: `${title}: examples`,
      text: [which],
      examples: examples.map((item) => exampleOf(item, benchmark)),
    },
  ];
}

function exampleOf(
  { task, id, group, question, answers }: ExampleItem,
  { benchmark, isPairwise, runs }: BenchmarkComparison,
): ReportExample {
  return {
    // A benchmark without tasks gives its items an empty one, or its own name.
    title: [task === "" || task === benchmark ? partText(group) : task, id].filter(Boolean).join(", "),
    question,
    answers: [
      ...rivalsOf(answers, runs),
      ...answers.map((answer) => {
        const numSeeds = runs.find(({ run }) => run === answer.run)!.headlineBySeed.length;
        return {
          name: answer.run,
          remark: remark(answer, { isPairwise, numSeeds }),
          text: answer.prediction,
        };
      }),
    ],
  };
}

/** Each answer that others were judged against, once. */
function rivalsOf(
  answers: readonly ExampleAnswer[],
  runs: readonly RunOutcome[],
): ReportExample["answers"][number][] {
  const texts = new Map<string, string>();
  for (const { run, rivalAnswer } of answers) {
    const [name = "another model"] = runs.find((each) => each.run === run)!.rivals;
    if (rivalAnswer !== undefined) texts.set(rivalAnswer, name);
  }
  return [...texts].map(([text, name]) => ({ name, remark: "rival", text }));
}

function remark(
  { score, meanScore }: ExampleAnswer,
  { isPairwise, numSeeds }: { isPairwise: boolean; numSeeds: number },
): string {
  const outcome = isPairwise ? OUTCOMES.get(score) : undefined;
  const mean = numSeeds === 1 ? "" : ` (mean of ${numSeeds} seeds ${meanScore.toFixed(2)})`;
  return `${outcome ?? `score ${score.toFixed(2)}`}${mean}`;
}

const OUTCOMES: ReadonlyMap<number, string> = new Map([
  [1, "won"],
  [0.5, "tied"],
  [0, "lost"],
]);

function runsSection({ runs }: Comparison): ReportSection {
  return {
    title: "Runs",
    text: [],
    tables: [
      {
        header: ["", "model or predictions"],
        rows: runs.map(({ name, models }) => [name, models.join("; ")]),
      },
    ],
  };
}
