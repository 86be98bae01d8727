/** The sections of an audit on what a judge should not look at: place, length, and who wrote a response. */
import type { BothOrders, Outcomes } from "./both-orders.ts";
import { intervalChart } from "../chart/chart-intervals.ts";
import { countAndShareText, estimateText, probabilityText } from "../statistics/estimate-text.ts";
import type { AuditedJudge, JudgeAudit } from "./judge-audit.ts";
import type { LengthBias } from "./length-bias.ts";
import type { ReportSection, ReportTable } from "../report/report-document.ts";

export function biasSections(audit: JudgeAudit): ReportSection[] {
  return [positionSection(audit), ...bothOrdersSections(audit), lengthSection(audit), selfSection(audit)];
}

function positionSection({ judges }: JudgeAudit): ReportSection {
  const parts = judges.flatMap(({ judge, position }) => position.map((bias) => ({ judge, ...bias })));
  const severalSizes = new Set(parts.map(({ numShown }) => numShown)).size > 1;
  const nameOf = ({ judge, numShown }: (typeof parts)[number]): string =>
    severalSizes ? `${judge}, ${numShown} shown` : judge;
  return {
    title: "Position bias",
    text: [
      "The mean rank of what stood in each place, place 0 first. A judge that does not mind the place gives all places the same. p is how often places that " +
        "mean nothing would differ as much (permutation test: the places of an item exchanged, in the same way for all verdicts on it).",
    ],
    tables: [
      {
        header: ["judge", "place", "mean rank", "without bias", "p", "items"],
        rows: parts.flatMap((part) =>
          part.meanRank.map((estimate, place) => [
            nameOf(part),
            String(place),
            estimateText(estimate),
            ((part.numShown - 1) / 2).toFixed(1),
            place === 0 ? probabilityText(part.pValue) : "",
            place === 0 ? String(part.items) : "",
          ]),
        ),
      },
    ],
    charts: parts.map((part, i) => ({
      file: `position-${i + 1}.svg`,
      title: `${nameOf(part)}: mean rank by place shown`,
      svg: intervalChart({
        title: `${nameOf(part)}: mean rank by place shown`,
        label: "mean rank (left is better)",
        rows: part.meanRank.map((estimate, place) => ({ name: `place ${place}`, estimate })),
        reference: (part.numShown - 1) / 2,
      }),
    })),
    notes: parts
      .filter(({ items, balancedItems }) => balancedItems < items)
      .map(
        (part) =>
          `${nameOf(part)}: on ${countAndShareText(part.items - part.balancedItems, part.items)} of its ${part.items} items the responses did not each stand in each place equally often. ` +
          "There the place may only show which responses are better: it says something where places were drawn at random.",
      ),
  };
}

/** Only where pairs were judged in both orders. */
function bothOrdersSections({ judges }: JudgeAudit): ReportSection[] {
  const tables = judges.filter((judge) => judge.bothOrders.length > 0).map(bothOrdersTable);
  if (tables.length === 0) return [];
  return [
    {
      title: "Pairs in both orders",
      text: [
        "Win / tie / lose of the first response of the data against the second, shown first (order 1) and shown second (order 2); together, more wins than losses are a win. " +
          "Always first: whichever response stood first was preferred, in both orders.",
      ],
      tables,
    },
  ];
}

function bothOrdersTable({ judge, bothOrders }: AuditedJudge): ReportTable {
  const outcomes = ({ win, tie, lose }: Outcomes): string => `${win} / ${tie} / ${lose}`;
  const nameOf = ({ group }: BothOrders): string => (group === undefined ? judge : `${judge}, ${group}`);
  return {
    header: [
      "judge",
      "pairs",
      "order 1",
      "order 2",
      "together",
      "same in both",
      "always first",
      "always second",
    ],
    rows: bothOrders.map((part) => [
      nameOf(part),
      String(part.pairs),
      outcomes(part.order1),
      outcomes(part.order2),
      outcomes(part.combined),
      countAndShareText(part.consistent, part.pairs),
      countAndShareText(part.alwaysFirst, part.pairs),
      countAndShareText(part.alwaysSecond, part.pairs),
    ]),
  };
}

function lengthSection({ judges, people }: JudgeAudit): ReportSection {
  const raters: { name: string; length: LengthBias | undefined }[] = [
    ...judges.map(({ judge, length }) => ({ name: judge, length })),
    ...(people === undefined ? [] : [{ name: "people", length: people.length }]),
  ];
  const measured = raters.flatMap(({ name, length }) => (length === undefined ? [] : [{ name, ...length }]));
  const title = "Length bias";
  if (measured.length === 0) return { title, text: ["There are no texts in the data to measure."] };
  return {
    title,
    text: [
      "Spearman's rho of quality and length within an item: above 0, longer responses are ranked higher. Longer may be better, so only people's ranks of the same " +
        "responses tell how much of it is bias.",
    ],
    tables: [
      {
        header: ["ranked by", "rho", "longer preferred (share of pairs)", "items"],
        rows: measured.map(({ name, correlation, longerPreferred }) => [
          name,
          estimateText(correlation),
          estimateText(longerPreferred),
          String(correlation.items),
        ]),
      },
    ],
    charts: [
      {
        file: "length.svg",
        title: "Quality and length within an item",
        svg: intervalChart({
          title: "Quality and length within an item",
          label: "Spearman's rho (right: longer is ranked higher)",
          rows: measured.map(({ name, correlation }) => ({ name, estimate: correlation })),
          reference: 0,
        }),
      },
    ],
  };
}

function selfSection({ judges }: JudgeAudit): ReportSection {
  const measured = judges.flatMap(({ judge, self }) => (self === undefined ? [] : [{ judge, ...self }]));
  const title = "Self-preference";
  if (measured.length === 0) {
    return {
      title,
      text: ["No response's source names a judge's own model, so this cannot be measured here."],
    };
  }
  return {
    title,
    text: [
      "By how many ranks a judge puts the responses of its own model above others (of no judge's model, where there are such), and by how many the other judges do, or people where there is no other judge. " +
        "The difference is what the judge adds; without others to compare with, its own responses may simply be better.",
    ],
    tables: [
      {
        header: ["judge", "its own above others by", "the same by others", "difference", "items"],
        rows: measured.map(({ judge, advantage, advantageByOthers, preference }) => [
          judge,
          estimateText(advantage),
          estimateText(advantageByOthers),
          estimateText(preference),
          String(advantage.items),
        ]),
      },
    ],
  };
}
