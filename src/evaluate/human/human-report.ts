/** Human evaluation as a report: the paper's Table 2, every pair behind it, and how far the annotators can be trusted. */
import { intervalChart } from "../chart/chart-intervals.ts";
import { countOf } from "../../text/count-of.ts";
import type { ReportDocument, ReportSection } from "../report/report-document.ts";
import { estimateText, probabilityText } from "../statistics/estimate-text.ts";
import { type HumanScores, SIGNIFICANCE, type SystemScore } from "./human-scores.ts";
import type { JudgeAgreement } from "./judge-agreement.ts";

export function humanReport(scores: HumanScores, judges: readonly JudgeAgreement[]): ReportDocument {
  const { questions, annotators, rankings, systems } = scores;
  return {
    title: `Human evaluation of ${countOf(systems.length, "system")}`,
    lead: [
      `${countOf(questions, "question")}, ${countOf(annotators, "annotator")}, ${countOf(rankings, "ranking")}. The i-th of ${systems.length} answers scores ${systems.length + 1} - i (answers that ` +
        `share a place share the mean of what they take up), averaged over annotators and then over questions.`,
    ],
    sections: [
      scoreSection(scores),
      pairSection(scores),
      ...categorySection(scores),
      agreementSection(scores),
      ...judgeSection(judges),
    ],
  };
}

/** `3.80*†`. */
export function markedScore({ score, betterThanBaseline, betterThanAll }: SystemScore): string {
  return `${score.value.toFixed(2)}${betterThanBaseline ? "*" : ""}${betterThanAll ? "†" : ""}`;
}

function scoreSection({ systems, baseline }: HumanScores): ReportSection {
  const rows = systems.map((system) => {
    const { name, score, best, worst } = system;
    const interval = `${score.low.toFixed(2)} to ${score.high.toFixed(2)}`;
    return [name, markedScore(system), interval, percent(best), percent(worst)];
  });
  const svg = intervalChart({
    title: "Human score",
    label: `score, 1 to ${systems.length}`,
    rows: systems.map(({ name, score }) => ({ name, estimate: score })),
    range: [1, systems.length],
  });
  return {
    title: "Scores",
    text: [
      `* significantly better than ${baseline}, † significantly better than every other system (p < ${SIGNIFICANCE}; paired permutation test over questions, Holm's correction over ` +
        `all pairs). Best and worst are shares of rankings, ties for a place included.`,
    ],
    tables: [{ header: ["system", "score", "95 % interval", "best", "worst"], rows }],
    charts: [{ file: "scores.svg", title: "Human score", svg }],
    notes: [
      "Intervals come from drawing the questions again. They say how the score would vary with other questions, not with other annotators.",
    ],
  };
}

function pairSection({ pairs }: HumanScores): ReportSection {
  return {
    title: "Every pair",
    text: [
      "The difference of the scores, first less second, with its 95 % interval; p of the permutation test, as it is and corrected; and in how many rankings the first stands above, level with " +
        "and below the second.",
    ],
    tables: [
      {
        header: ["pair", "difference", "p", "p, corrected", "above", "level", "below"],
        rows: pairs.map(({ first, second, difference, pValue, adjustedP, wins, ties, losses }) => [
          `${first} - ${second}`,
          estimateText(difference),
          probabilityText(pValue),
          probabilityText(adjustedP),
          ...[wins, ties, losses].map(String),
        ]),
      },
    ],
  };
}

function categorySection({ categories, systems }: HumanScores): ReportSection[] {
  if (categories.length < 2) return [];
  const rows = categories.map(({ category, questions, scores }) => [
    category,
    String(questions),
    ...systems.map(({ name }) => scores[name]!.toFixed(2)),
  ]);
  const header = ["category", "questions", ...systems.map(({ name }) => name)];
  return [{ title: "By category", text: [], tables: [{ header, rows }] }];
}

function agreementSection({ agreement }: HumanScores): ReportSection {
  const title = "Agreement of the annotators";
  if (agreement === undefined) {
    return {
      title,
      text: ["No question was ranked by two annotators: nothing is known of how far they agree."],
    };
  }
  const { w, tau, samePairs, alpha } = agreement;
  return {
    title,
    text: [
      "Kendall's W and tau-b are means over questions, both 1 where all agree; W of two unrelated annotators is about 0.5. Krippendorff's alpha (ordinal, of the places) is 0 for what chance " +
        "would bring; its author asks for 0.8, or 0.667 for tentative conclusions. Same on pairs is the share of pairs of answers on which two annotators say the same.",
    ],
    tables: [
      {
        header: ["measure", "value (95 % interval)", "questions"],
        rows: [
          ["Kendall's W", w],
          ["Kendall's tau-b", tau],
          ["Krippendorff's alpha", alpha],
          ["same on pairs", samePairs],
        ].map((row) => {
          const [name, estimate] = row as [string, typeof w];
          return [name, estimateText(estimate), String(estimate?.items ?? 0)];
        }),
      },
    ],
  };
}

function judgeSection(judges: readonly JudgeAgreement[]): ReportSection[] {
  if (judges.length === 0) return [];
  const rows = judges.map(({ judge, agreement }) => [
    judge,
    estimateText(agreement?.spearman),
    estimateText(agreement?.pooledSpearman),
    estimateText(agreement?.tau),
    estimateText(agreement?.pairAccuracy),
    String(agreement?.items ?? 0),
  ]);
  return [
    {
      title: "Agreement with the judge",
      text: [
        "Spearman's rho of the judge's and the annotators' mean ranks, within a question and over all answers at once (the paper's appendix G has 0.72 for GPT-4 on other data, and does not " +
          "say which); Kendall's tau-b within a question; and the share of pairs of answers on which the judge says what most annotators say.",
      ],
      tables: [
        { header: ["judge", "rho in questions", "rho pooled", "tau-b", "on pairs", "questions"], rows },
      ],
      notes: ["tuna eval judge measures more of a judge; its --human reads the ranks.jsonl of this folder."],
    },
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
