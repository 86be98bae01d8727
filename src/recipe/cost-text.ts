/** A cost report for people. */
import { inDollars } from "../llm/index.ts";
import { countOf } from "../text/count-of.ts";
import type { Range } from "./cost-outlook.ts";
import type { CostReport } from "./cost-report.ts";

/** Cells of a table, its headings first. */
export function costCells({ lines }: CostReport): (string | number)[][] {
  const headings = ["stage", "model", "", "requests", "prompt tokens", "completion tokens", "cost"];
  const rows = lines.flatMap(
    ({ stage, server, model, requests, promptTokens, completionTokens, cost, actual }) => {
      const cells = (length: keyof Range): (string | number)[] => [
        length,
        requests[length],
        promptTokens[length],
        completionTokens[length],
        cost === null ? "price unknown" : inDollars(cost[length]),
      ];
      return [
        [stage, `${server}#${model}`, ...cells("expected")],
        ["", "", ...cells("low")],
        ["", "", ...cells("high")],
        ...(actual === undefined
          ? []
          : [
              [
                "",
                "",
                "actual",
                actual.requests,
                actual.promptTokens,
                actual.completionTokens,
                costText(actual.cost),
              ],
            ]),
      ];
    },
  );
  return [headings, ...rows];
}

/** One fact a line. */
export function costNotes(report: CostReport, counted: string): string[] {
  const { lines, unknown, pricesDate, expected, actual, unpriced: notCounted, humanLabels } = report;
  const unpriced = lines.filter(({ cost }) => cost === null).map(({ server, model }) => `${server}#${model}`);
  return [
    ...unknown.map(({ stage, reason }) => `${stage}: no forecast; ${reason}.`),
    ...(unpriced.length > 0
      ? [
          `No price is known for ${[...new Set(unpriced)].join(", ")}: tokens only. Name it with --prices FILE.`,
        ]
      : []),
    `Expected ${inDollars(expected)}, spent ${inDollars(actual)} so far. Prices of ${pricesDate}; tokens counted ${counted}.`,
    ...(notCounted > 0
      ? [`Not in what was spent, for want of a price: ${countOf(notCounted, "request")}.`]
      : []),
    ...lines
      .filter(({ measuredReplies }) => measuredReplies > 0)
      .map(
        ({ stage, measuredReplies }) =>
          `${stage}: expected lengths are those of ${measuredReplies} replies in its journal.`,
      ),
    ...(humanLabels > 0
      ? [
          `People: ${inDollars(humanLabels)} for the same comparisons at the paper's 0.25 $ each (Table 6: 1,500 $ for 1,000 examples).`,
        ]
      : []),
  ];
}

function costText(cost: number | null): string {
  return cost === null ? "price unknown" : inDollars(cost);
}
