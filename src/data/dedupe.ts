/** Leaves out rows whose instruction, with its input and what came before it, was there before. The first of each stays. */
import { exactKey, normalizedKey, shortKey } from "./instruction-key.ts";
import type { Row } from "./read-rows.ts";
import { type Similarity, SimilarTexts, TokenCounts } from "./similar-texts.ts";

export const DEDUPE_RULES = ["exact", "normalized", "rouge"] as const;
export type DedupeRule = (typeof DEDUPE_RULES)[number];

/** Whether a row is new, asked of each row in turn. With `rouge` the rows are read once before, to count their words. */
export async function isNewBy(
  by: DedupeRule,
  { threshold, tokenizer }: Similarity,
  rows: () => AsyncIterable<Row>,
): Promise<(row: Row) => boolean> {
  const seen = new Set<string>();
  const isUnseen = (key: string): boolean => seen.size < seen.add(shortKey(key)).size;
  if (by === "exact") return (row) => isUnseen(exactKey(row));
  if (by === "normalized") return (row) => isUnseen(normalizedKey(row));
  const counts = new TokenCounts(tokenizer);
  for await (const row of rows()) counts.add(textOf(row));
  const known = new SimilarTexts(threshold, counts);
  // Equal texts without a word that ROUGE knows are similar to nothing, and duplicates nevertheless.
  return (row) => isUnseen(exactKey(row)) && known.addIfNew(textOf(row));
}

/** Earlier turns are part of the question. A system message, which many rows share, would make them all similar. */
function textOf({ instruction, input, history }: Row): string {
  const turns = Array.isArray(history) ? history.flat().map(String) : [];
  return [...turns, instruction, input].filter((text) => text !== "").join("\n");
}
