/** The sections of an audit on agreement: with itself in other orders, with other judges, with people. */
import type { Agreement } from "./agreement.ts";
import { intervalChart } from "../chart/chart-intervals.ts";
import { estimateText, valueText } from "../statistics/estimate-text.ts";
import type { HumanAgreement } from "./human-agreement.ts";
import type { AuditedPeople, JudgeAudit } from "./judge-audit.ts";
import type { ReportChart, ReportSection, ReportTable } from "../report/report-document.ts";

export function agreementSections(audit: JudgeAudit): ReportSection[] {
  const { people } = audit;
  return [amongJudges(audit), ...(people === undefined ? [] : [withPeople(audit, people)])];
}

function amongJudges({ judges, acrossJudges }: JudgeAudit): ReportSection {
  const rows = [
    ...judges.map(({ judge, acrossPermutations }) =>
      agreementRow(`${judge}, across orders`, acrossPermutations),
    ),
    agreementRow("across judges", acrossJudges),
  ].flat();
  const title = "Agreement across orders and judges";
  if (rows.length === 0) {
    return {
      title,
      text: [
        "Every item has one verdict. Ask in several orders, or several judges, to see how far they agree.",
      ],
    };
  }
  return {
    title,
    text: [
      "Within an item: Kendall's tau-b, the mean over pairs of verdicts, and Kendall's W over all of them, both 1 where all agree; both leave out items on which a verdict " +
        "is all ties. Same on pairs is the share of pairs of responses on which two verdicts say the same: better, worse, or a tie.",
    ],
    tables: [{ header: ["", "tau-b", "W", "same on pairs", "items"], rows }],
  };
}

function agreementRow(name: string, agreement: Agreement | undefined): string[][] {
  if (agreement === undefined) return [];
  const { tau, w, samePairs } = agreement;
  return [[name, estimateText(tau), estimateText(w), estimateText(samePairs), String(samePairs?.items ?? 0)]];
}

function withPeople({ judges, allJudges }: JudgeAudit, people: AuditedPeople): ReportSection {
  const raters = [
    ...judges.map(({ judge, human }) => ({ name: judge, human })),
    { name: "all judges together", human: allJudges },
  ];
  const measured = raters.flatMap(({ name, human }) => (human === undefined ? [] : [{ name, human }]));
  const title = "Agreement with people";
  if (measured.length === 0) return { title, text: ["No item has both verdicts and ranks by people."] };
  return {
    title,
    text: [
      "Spearman's rho of the judge's and the people's mean ranks, within an item and over all responses at once (the paper reports 0.72 on 50 questions with four responses each, and " +
        "does not say which). On pairs of responses: the share on which the judge says what most people say (better, worse, or a tie), Cohen's kappa of the same, and " +
        "the share of those pairs that most people decide, a tie of the judge counting half.",
    ],
    tables: [
      {
        header: [
          "judge",
          "rho in items",
          "rho pooled",
          "tau-b",
          "on pairs",
          "kappa",
          "on decided pairs",
          "items",
        ],
        rows: measured.map(({ name, human }) => [name, ...humanCells(human)]),
      },
      ...measured.map(({ name, human }) => confusionTable(name, human)),
    ],
    charts: agreementChart(measured, people),
    notes: peopleNotes(people),
  };
}

function humanCells(human: HumanAgreement): string[] {
  const { spearman, pooledSpearman, tau, pairAccuracy, kappa, decidedPairAccuracy, items } = human;
  const estimates = [spearman, pooledSpearman, tau, pairAccuracy, kappa, decidedPairAccuracy];
  return [...estimates.map(estimateText), String(items)];
}

function confusionTable(name: string, { confusion }: HumanAgreement): ReportTable {
  const words = ["better", "a tie", "worse"];
  return {
    header: [`most people say of the first, ${name} says`, ...words],
    rows: words.map((word, row) => [word, ...confusion[row]!.map(String)]),
  };
}

function agreementChart(
  measured: readonly { name: string; human: HumanAgreement }[],
  { agreement }: AuditedPeople,
): ReportChart[] {
  const rows = [
    ...measured.map(({ name, human }) => ({ name, estimate: human.pairAccuracy })),
    { name: "two people", estimate: agreement?.pairAccuracy },
  ].flatMap(({ name, estimate }) => (estimate === undefined ? [] : [{ name, estimate }]));
  if (rows.length === 0) return [];
  const title = "Same on pairs: better, worse, or a tie";
  const svg = intervalChart({ title, label: "share of pairs", rows, range: [0, 1] });
  return [{ file: "people.svg", title, svg }];
}

function peopleNotes({ agreement }: AuditedPeople): string[] {
  if (agreement === undefined) return [];
  return [
    `Two people say the same on ${estimateText(agreement.pairAccuracy)} of pairs, with kappa ${valueText(agreement.kappa)} (mean over pairs of people, ` +
      `${agreement.items} items). A judge cannot be expected to agree with people much better than they do with each other.`,
  ];
}
