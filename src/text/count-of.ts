/** Numbers of things in sentences. */

/** `countOf(1, "tie")` is "1 tie", `countOf(2, "tie")` "2 ties". */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
