/**
 * Reads ranks that people gave: JSON Lines `{id, annotator?, ranks: [1, 0, null]}`, or CSV with the columns id, response,
 * rank and, where there are several people, annotator.
 */
import { z } from "zod";
import { readSpreadsheet } from "../../data/containers/spreadsheet.ts";
import { readAllJsonLines } from "../../data/jsonl.ts";
import { rowId } from "../../data/row-id.ts";
import { UserError } from "../../errors.ts";
import type { JudgedItem, Ranks } from "./judged-item.ts";

/** By item: one ranking for each person who ranked its responses. */
export type HumanRanks = ReadonlyMap<string, readonly Ranks[]>;

/** Throws a `UserError` where the file does not fit the items. */
export async function readHumanRanks(path: string, items: readonly JudgedItem[]): Promise<HumanRanks> {
  const numResponses = new Map(items.map((item) => [item.id, item.numResponses]));
  const rows = /\.csv$/i.test(path) ? fromCsv(path, numResponses) : await readAllJsonLines(path, humanRow);
  const human = new Map<string, Ranks[]>();
  for (const { id, ranks } of rows) {
    const expected = numResponses.get(id);
    if (expected === undefined) continue;
    if (ranks.length !== expected) {
      throw new UserError(
        `${path}, id ${id}: ${ranks.length} ranks, but the judged data has ${expected} responses. Give one rank for each, null for none.`,
        { code: "human-ranks-length" },
      );
    }
    human.set(id, [...(human.get(id) ?? []), ranks]);
  }
  if (human.size > 0) return human;
  throw new UserError(`${path}: none of its ${rows.length} rows has an id of the judged data.`, {
    code: "human-ranks-unrelated",
  });
}

interface HumanRow {
  id: string;
  ranks: Ranks;
}

const humanRow = z.looseObject({
  id: rowId,
  ranks: z.array(
    z
      .number()
      .nullable()
      .transform((rank) => rank ?? undefined),
  ),
});

const csvRow = z.looseObject({
  id: z.string(),
  response: z.string().regex(/^\s*\d+\s*$/, "expected the number of a response, from 0"),
  rank: z.string().regex(/^\s*(?:\d+(?:\.\d+)?)?\s*$/, "expected a rank, or nothing"),
  annotator: z.string().default(""),
});

/** Rows of one response each, gathered by item and person. */
function fromCsv(path: string, numResponses: ReadonlyMap<string, number>): HumanRow[] {
  const rankings = new Map<string, { id: string; ranks: (number | undefined)[] }>();
  for (const { line, cells } of readSpreadsheet(path)) {
    const parsed = csvRow.safeParse(cells);
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!;
      const message = issue.message.replace(/^Invalid input: /, "");
      throw new UserError(`${path}, line ${line}, column ${issue.path.join(".")}: ${message}`, {
        code: "human-ranks-csv",
      });
    }
    const { id, response, rank, annotator } = parsed.data;
    const key = JSON.stringify([id, annotator]);
    const count = numResponses.get(id) ?? 0;
    const ranking = rankings.get(key) ?? { id, ranks: Array.from({ length: count }, () => undefined) };
    if (rank.trim() !== "") ranking.ranks[Number(response)] = Number(rank);
    rankings.set(key, ranking);
  }
  return [...rankings.values()];
}
