/**
 * Finds the judge's own reference answer, under `###Response N:`, and whether it called the instruction open-
 * or close-ended.
 */
import { readResponseLine } from "./response-line.ts";

export type InstructionKind = "open" | "closed";

/** Lines that begin the judge's next step: its remark on duplicates, or the heading of its ratings. */
const NEXT_STEP = [
  /^(?=.*\bduplicat)(?=.*\bresponses?\b)/i,
  /^\W*(?:third|step 3)\b.*\bduplicat/i,
  /^\W*(?:(?:overall )?(?:ratings?|scores?)|evaluation|comparison|rankings?)\W*$/i,
];

/** The reference with all its paragraphs, as far as the next step; `end` is where the rank list begins. */
export function findReference(
  reply: string,
  { label, end }: { label: number; end: number },
): string | undefined {
  const lines = reply.slice(0, end).split("\n");
  const header = lines.findIndex((line) => isHeaderOf(label, line));
  if (header < 0) return undefined;
  const after = lines.slice(header + 1);
  const length = after.findIndex((line) => readResponseLine(line) !== undefined || beginsNextStep(line));
  const text = [
    readResponseLine(lines[header]!)!.rest,
    ...after.slice(0, length < 0 ? undefined : length),
  ].join("\n");
  return text.trim() || undefined;
}

/** Whether a response holds the heading of the judge's own, and would pass for it where the judge repeats it. */
export function forgesReference(responses: readonly string[]): boolean {
  return responses.some((text) => text.split("\n").some((line) => isHeaderOf(responses.length, line)));
}

/** Said before the reference is written; undefined where the judge names both kinds or neither. */
export function findInstructionKind(reply: string, referenceLabel: number): InstructionKind | undefined {
  const lines = reply.split("\n");
  const header = lines.findIndex((line) => isHeaderOf(referenceLabel, line));
  const before = lines.slice(0, header < 0 ? undefined : header).join("\n");
  const kinds = new Set(
    [...before.matchAll(/(\bnot (?:an? )?)?\b(open|closed?)[- ]ended\b/gi)]
      .filter((match) => match[1] === undefined)
      .map((match): InstructionKind => (match[2]!.toLowerCase() === "open" ? "open" : "closed")),
  );
  return kinds.size === 1 ? [...kinds][0] : undefined;
}

/** With # before it, or alone on its line: `Response 4:` followed by something is a score. */
function isHeaderOf(label: number, line: string): boolean {
  const found = readResponseLine(line);
  return found?.label === label && (found.isHeader || found.rest === "");
}

function beginsNextStep(line: string): boolean {
  return NEXT_STEP.some((pattern) => pattern.test(line));
}
