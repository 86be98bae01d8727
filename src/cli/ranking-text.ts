/** What `tuna eval ranking` says to people. */
import type { RankingEvaluation } from "../evaluate/ranking.ts";
import type { Estimate } from "../evaluate/statistics/estimate.ts";
import { countOf } from "../text/count-of.ts";
import { table } from "./table.ts";

export function rankingText(result: Omit<RankingEvaluation, "details">): string {
  const { loss, rankLoss, mleLoss, pairAccuracy, pairs, order } = result;
  const numbers = table([
    ["loss", loss.toFixed(4)],
    ["rank loss", rankLoss.toFixed(4)],
    ["MLE loss", mleLoss.toFixed(4)],
    [
      "pair accuracy",
      pairAccuracy === null
        ? "no pairs"
        : `${(100 * pairAccuracy).toFixed(2)} % of ${countOf(pairs, "pair")}`,
    ],
    ...orderRows(order),
    ["examples", String(result.examples)],
  ]);
  return [numbers, ...gapTable(result), ...lengthTable(result)].join("\n");
}

function orderRows(order: RankingEvaluation["order"]): [string, string][] {
  if (order === null) return [];
  return [
    ["  95 % interval", percent(order.model.pairAccuracy)],
    ["  the longest is best", percent(order.longest.pairAccuracy)],
    ["Kendall's tau", plain(order.model.kendallTau)],
    ["  the longest is best", plain(order.longest.kendallTau)],
    ["NDCG", plain(order.model.ndcg)],
    ["  the longest is best", plain(order.longest.ndcg)],
  ];
}

function gapTable({ byRankGap }: Pick<RankingEvaluation, "byRankGap">): string[] {
  if (byRankGap.length === 0) return [];
  const rows = byRankGap.map(({ gap, pairs, model, longest }) => [
    `  ${countOf(gap, "step")} apart`,
    pairs,
    percent(model),
    percent(longest),
  ]);
  return ["", table([["pair accuracy by rank gap", "pairs", "", "the longest is best"], ...rows])];
}

function lengthTable({ byLength }: Pick<RankingEvaluation, "byLength">): string[] {
  if (byLength.length === 0) return [];
  const rows = byLength.map(({ from, to, pairs, model }) => [`  ${from} to ${to}`, pairs, percent(model)]);
  return ["", table([["by characters that the better one is longer", "pairs", ""], ...rows])];
}

function percent({ value, low, high }: Estimate): string {
  return `${(100 * value).toFixed(2)} % (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`;
}

function plain(estimate: Estimate | null): string {
  if (estimate === null) return "undefined: all values are equal";
  const { value, low, high } = estimate;
  return `${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
}
