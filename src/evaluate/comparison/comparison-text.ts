/** Figures of a comparison as its report writes them: percent and percentage points with one decimal. */
import type { Estimate } from "../statistics/estimate.ts";
import type { PairedTest } from "./comparison.ts";

/** `45.2`, or a dash. */
export function percentText(value: number | null | undefined): string {
  return value === null || value === undefined ? "-" : oneDecimal(value);
}

/** `+3.1`; `0.0` has no sign. */
export function pointsText(value: number): string {
  const text = oneDecimal(value);
  return text.startsWith("-") || text === "0.0" ? text : `+${text}`;
}

/** `45.2 (43.0 to 47.4)`. */
export function percentEstimateText({ value, low, high }: Estimate): string {
  return `${oneDecimal(value)} (${oneDecimal(low)} to ${oneDecimal(high)})`;
}

/** `+3.1 (+0.9 to +5.3)`. */
export function pointsEstimateText({ value, low, high }: Estimate): string {
  return `${pointsText(value)} (${pointsText(low)} to ${pointsText(high)})`;
}

/** `A, B and C`. */
export function inSeries(names: readonly string[]): string {
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(", ")} and ${names.at(-1)!}`;
}

/** How sure a difference is, after the correction for all tests. */
export function significanceMark(test: PairedTest | undefined): string {
  if (test === undefined || test.holmP >= 0.05) return "";
  return test.holmP < 0.01 ? "**" : "*";
}

export const MARK_LEGEND = "* p < 0.05, ** p < 0.01";

/** Never `-0.0`. */
function oneDecimal(value: number): string {
  return (Math.round(value * 10) / 10 + 0).toFixed(1);
}
