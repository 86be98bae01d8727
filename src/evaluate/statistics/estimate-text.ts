/** Estimates and probabilities as a report writes them. */
import type { Estimate } from "./estimate.ts";

/** `0.71 (0.68 to 0.74)`, or a dash. */
export function estimateText(estimate: Estimate | undefined): string {
  if (estimate === undefined) return "-";
  const { value, low, high } = estimate;
  return `${number(value)} (${number(low)} to ${number(high)})`;
}

/** Without its interval. */
export function valueText(value: number | undefined): string {
  return value === undefined ? "-" : number(value);
}

export function probabilityText(p: number): string {
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}

/** `52 (10.2 %)`. */
export function countAndShareText(count: number, total: number): string {
  return `${count} (${((100 * count) / total).toFixed(1)} %)`;
}

/** Never `-0.00`. */
function number(value: number): string {
  return (Math.round(value * 100) / 100 + 0).toFixed(2);
}
