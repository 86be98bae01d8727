/** The audit of judges as a report: what was measured, how sure it is, and what it does not show. */
import { countOf } from "../../text/count-of.ts";
import { agreementSections } from "./audit-agreement-sections.ts";
import { biasSections } from "./audit-bias-sections.ts";
import { probabilityText, valueText } from "../statistics/estimate-text.ts";
import type { JudgeAudit } from "./judge-audit.ts";
import type { ReportDocument, ReportSection } from "../report/report-document.ts";

export function auditReport(audit: JudgeAudit): ReportDocument {
  const { items, verdicts, failures, judges, people } = audit;
  const by = judges.length === 1 ? "one judge" : `${judges.length} judges`;
  const ranked = people === undefined ? "" : `, with ranks by people on ${people.items} of them`;
  const further = failures === 1 ? "One further reply" : `${failures} further replies`;
  const unread = failures === 0 ? "Every reply could be read." : `${further} could not be read.`;
  return {
    title: `Audit of ${judges.map(({ judge }) => judge).join(", ")}`,
    lead: [
      `${countOf(verdicts, "verdict")} of ${by} on ${countOf(items, "item")}${ranked}. ${unread}`,
      "In brackets are 95 % intervals, from drawing the items again. Ranks begin at 0, the best, and ties share the mean of their places.",
    ],
    sections: [atAGlance(audit), ...biasSections(audit), ...agreementSections(audit)],
  };
}

function atAGlance({ judges, people }: JudgeAudit): ReportSection {
  const ofPeople = people === undefined ? [] : ["agrees with people on pairs", "Spearman with people"];
  return {
    title: "At a glance",
    text: [],
    tables: [
      {
        header: [
          "judge",
          "verdicts",
          "place matters: p",
          "length and quality: rho",
          "across orders: tau-b",
          ...ofPeople,
        ],
        rows: judges.map(({ judge, verdicts, position, length, acrossPermutations, human }) => [
          judge,
          String(verdicts),
          position.map(({ pValue }) => probabilityText(pValue)).join("; ") || "-",
          valueText(length?.correlation.value),
          valueText(acrossPermutations?.tau?.value),
          ...(people === undefined
            ? []
            : [valueText(human?.pairAccuracy?.value), valueText(human?.spearman?.value)]),
        ]),
      },
    ],
    notes: ["Each figure is explained, with its interval, in the section of its name."],
  };
}
