/**
 * Reads verdicts of judges: ranked lists of `tuna rank contextual`, which hold them all, or verdicts from elsewhere, one
 * a line (docs/judging.md).
 */
import { z } from "zod";
import { readJsonLines } from "../../data/jsonl.ts";
import { rowId } from "../../data/row-id.ts";
import { UserError } from "../../errors.ts";
import type { ItemVerdict, JudgedItem, Ranks } from "./judged-item.ts";

/** The items in the order of the file. Throws a `UserError` for rows that are neither, and for a file without verdicts. */
export async function readVerdicts(path: string): Promise<JudgedItem[]> {
  const items = new Map<string, MutableItem>();
  for await (const row of readJsonLines(path, auditRow)) {
    if (row.kind === "list") addList(items, row.list, path);
    else addVerdict(items, row.verdict, path);
  }
  if ([...items.values()].some(({ verdicts }) => verdicts.length > 0)) return [...items.values()];
  throw new UserError(
    `${path}: no verdicts. Expected ranked lists of tuna rank contextual, or rows {id, ranks}.`,
    {
      code: "audit-no-verdicts",
    },
  );
}

type MutableItem = Omit<JudgedItem, "verdicts"> & { verdicts: ItemVerdict[] };

const index = z.number().int().nonnegative();
const byResponse = z.record(z.string().regex(/^\d+$/), z.number());

const listRow = z.looseObject({
  id: rowId,
  responses: z.array(z.looseObject({ text: z.string(), source: z.string().optional() })).min(1),
  ranking: z.looseObject({
    verdicts: z.array(
      z.looseObject({ judge: z.string(), presented: z.array(index), ranks: byResponse.optional() }),
      { error: "expected the verdicts that tuna rank contextual keeps here" },
    ),
  }),
  group: z.string().optional(),
});

const verdictRow = z
  .looseObject({
    id: rowId,
    judge: z.string().default("judge"),
    order: z.array(index).optional(),
    ranks: z.array(z.number().nullable()).optional(),
    scores: z.array(z.number().nullable()).optional(),
    failure: z.string().optional(),
    texts: z.array(z.string()).optional(),
    sources: z.array(z.string().nullable()).optional(),
    group: z.string().optional(),
  })
  .refine((row) => [row.ranks, row.scores, row.failure].filter((part) => part !== undefined).length === 1, {
    error:
      'expected one of "ranks", "scores" and "failure" (of a verdict), or "responses" (of a ranked list)',
  });

type ListRow = z.output<typeof listRow>;
type VerdictRow = z.output<typeof verdictRow>;
type AuditRow = { kind: "list"; list: ListRow } | { kind: "verdict"; verdict: VerdictRow };

/** The row's own keys say which it is, so that a message is about that shape. */
const auditRow = z.looseObject({}).transform((row, context): AuditRow => {
  const isList = "responses" in row;
  const checked = isList ? listRow.safeParse(row) : verdictRow.safeParse(row);
  if (!checked.success) {
    const { message, path } = checked.error.issues[0]!;
    context.issues.push({ code: "custom", message, path: [...path], input: row });
    return z.NEVER;
  }
  return isList
    ? { kind: "list", list: checked.data as ListRow }
    : { kind: "verdict", verdict: checked.data as VerdictRow };
});

function addList(items: Map<string, MutableItem>, row: ListRow, path: string): void {
  if (items.has(row.id)) throw badRow(path, row.id, "this id stands twice");
  const { verdicts } = row.ranking;
  const usable = verdicts.flatMap(({ judge, presented, ranks }) =>
    ranks === undefined
      ? []
      : [{ judge, order: presented, ranks: row.responses.map((_, response) => ranks[response]) }],
  );
  items.set(row.id, {
    id: row.id,
    group: row.group,
    numResponses: row.responses.length,
    texts: row.responses.map(({ text }) => text),
    sources: row.responses.map(({ source }) => source),
    verdicts: usable,
    failures: verdicts.length - usable.length,
  });
}

function addVerdict(items: Map<string, MutableItem>, row: VerdictRow, path: string): void {
  const ranks = ranksOf(row);
  const numResponses = (ranks ?? row.order ?? row.texts)?.length ?? 0;
  const item = items.get(row.id) ?? newItem(row, numResponses);
  items.set(row.id, item);
  if (ranks === undefined) {
    item.failures++;
    return;
  }
  // What came before may have been a failure, which need not tell how many there are.
  if (item.verdicts.length === 0) item.numResponses = numResponses;
  const order = row.order ?? [...ranks.keys()];
  if (ranks.length !== item.numResponses || (item.texts ?? ranks).length !== ranks.length) {
    throw badRow(path, row.id, `its rows differ in how many responses they rank`);
  }
  if (new Set(order).size !== order.length || order.some((response) => response >= ranks.length)) {
    throw badRow(
      path,
      row.id,
      `order [${order.join(", ")}] is no order of responses 0 to ${ranks.length - 1}`,
    );
  }
  item.verdicts.push({ judge: row.judge, order, ranks });
}

function newItem({ id: name, group, texts, sources }: VerdictRow, numResponses: number): MutableItem {
  return {
    id: name,
    group,
    numResponses,
    texts,
    sources: sources?.map((source) => source ?? undefined),
    verdicts: [],
    failures: 0,
  };
}

/** Scores are the higher the better, ranks the lower. */
function ranksOf({ ranks, scores }: VerdictRow): Ranks | undefined {
  if (scores !== undefined) return scores.map((score) => (score === null ? undefined : 0 - score));
  return ranks?.map((rank) => rank ?? undefined);
}

function badRow(path: string, name: string, reason: string): UserError {
  return new UserError(`${path}, id ${name}: ${reason}.`, {
    code: "audit-row-invalid",
    facts: { path, id: name },
  });
}
