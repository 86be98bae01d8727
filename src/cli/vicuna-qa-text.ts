/** The outcome of Vicuna QA, for people. */
import type { Grading, VicunaQaSummary } from "../evaluate/vicuna-qa/index.ts";
import { countOf } from "../text/count-of.ts";
import { table } from "./table.ts";

/** What was judged, by whom, and in whose words; null where files do not say. */
export interface AboutReviews {
  readonly grading: Grading;
  readonly judge: string | null;
  /** `tuna`, or the file of the prompts. */
  readonly prompts: string | null;
  /** Names of the answers: models, or files. */
  readonly answers: readonly string[];
  /** Files of reviews. */
  readonly reviewFiles: readonly string[];
}

export function summaryText(summary: VicunaQaSummary, about: AboutReviews): string {
  const counts = Object.entries({ "all questions": summary, ...summary.byCategory }).map(
    ([name, { questions, win, lose, tie, failed, winRate }]) => [
      name,
      questions,
      win,
      lose,
      tie,
      failed,
      percent(winRate),
    ],
  );
  const isCompared = summary.win + summary.lose + summary.tie > 0;
  const outcomes = isCompared
    ? [["", "questions", "win", "lose", "tie", "failed", "win rate"], ...counts]
    : [];
  return [table(outcomes), table(figures(summary)), notes(summary, about)]
    .filter((part) => part !== "")
    .join("\n\n");
}

function figures(summary: VicunaQaSummary): [string, string][] {
  const { meanScores, orders } = summary;
  const rows: [string, string | undefined][] = [
    [
      "win rate",
      summary.winRate === null ? undefined : withInterval(summary.winRate, summary.winRateInterval),
    ],
    ["  at equal length", withInterval(summary.lengthControlledWinRate, summary.lengthControlledInterval)],
    ["mean scores", scoresText(meanScores)],
    ["answer 1 first, win/lose/tie", outcomesText(orders?.order1)],
    ["answer 2 first, win/lose/tie", outcomesText(orders?.order2)],
    [
      "same in both orders",
      orders?.consistent == null ? undefined : `${orders.consistent} of ${orders.pairs}`,
    ],
  ];
  return rows.filter((row): row is [string, string] => row[1] !== undefined);
}

function notes(
  { reviews, answer1Longer }: VicunaQaSummary,
  { judge, prompts, grading }: AboutReviews,
): string {
  const how = [
    [reviews.stored, "as stored"],
    [reviews.parsed, "as asked for"],
    [reviews.parsedByFallback, "found elsewhere in the reply"],
    [reviews.failed, "unreadable"],
    [reviews.askedAgain, "asked again"],
  ].filter(([count]) => count !== 0);
  const total = reviews.stored + reviews.parsed + reviews.parsedByFallback + reviews.failed;
  const lines = [
    `${countOf(total, "review")}: ${how.map(([count, words]) => `${count} ${words}`).join(", ")}`,
  ];
  const whose = prompts === "tuna" ? "Tuna's own words" : prompts;
  if (answer1Longer !== null && (answer1Longer < 5 || answer1Longer > 95)) {
    const longer = `answer 1 is the longer one in ${percent(answer1Longer)}`;
    lines.push(`note: ${longer} of the questions, so that the figure at equal length is an extrapolation`);
  }
  if (judge !== null) lines.push(`judge ${judge}, grading ${grading}, prompts: ${whose}`);
  return lines.join("\n");
}

function scoresText({ answer1, answer2 }: VicunaQaSummary["meanScores"]): string | undefined {
  const scores = [answer1, answer2].filter((score) => score !== null);
  return scores.length === 0 ? undefined : scores.map((score) => score.toFixed(2)).join(" and ");
}

function outcomesText(
  outcomes: { win: number; lose: number; tie: number } | null | undefined,
): string | undefined {
  return outcomes == null ? undefined : `${outcomes.win}/${outcomes.lose}/${outcomes.tie}`;
}

function withInterval(
  value: number | null,
  interval: { low: number; high: number } | null,
): string | undefined {
  if (value === null) return undefined;
  return interval === null
    ? percent(value)
    : `${percent(value)} (${interval.low.toFixed(1)} to ${interval.high.toFixed(1)})`;
}

function percent(value: number | null): string {
  return value === null ? "-" : `${value.toFixed(1)} %`;
}
