/** Prediction files: JSON Lines `{task?, id, prediction}`, from any model and any program. */
import { z } from "zod";
import { readAllJsonLines } from "../../data/jsonl.ts";
import { rowId } from "../../data/row-id.ts";
import { UserError } from "../../errors.ts";
import { countOf } from "../../text/count-of.ts";
import { type ItemName, type Prediction, keyOf } from "./question.ts";

const predictionRow = z.looseObject({
  task: z.string().nullish(),
  id: rowId,
  prediction: z.string(),
});
type PredictionRow = z.output<typeof predictionRow>;

/** A prediction with the item of the benchmark that it is for. */
export interface Answered<Item> {
  readonly item: Item;
  readonly prediction: string;
}

export interface MatchedPredictions<Item> {
  /** In the order of the file. */
  readonly answered: readonly Answered<Item>[];
  /** Items without a prediction. */
  readonly missing: readonly Item[];
}

/**
 * Reads a prediction file and finds the item of each row. Where rows name no task, or the items have none, their ids alone must
 * tell the items apart. Throws a `UserError` for an empty file, for rows that fit no item or two, and for two rows of one item.
 */
export async function readPredictions<Item extends ItemName>(
  path: string,
  items: readonly Item[],
): Promise<MatchedPredictions<Item>> {
  const rows = await readAllJsonLines(path, predictionRow);
  if (rows.length === 0) throw new UserError(`${path}: no rows.`, { code: "predictions-empty" });
  const find = itemFinder(items, path);
  const seen = new Map<Item, number>();
  const answered = rows.map((row, index) => {
    const item = find(row, index);
    const before = seen.get(item);
    if (before !== undefined) {
      throw refusal(
        path,
        `rows ${before + 1} and ${index + 1} are both for ${inWords(item)}`,
        "Keep one of them",
      );
    }
    seen.set(item, index);
    return { item, prediction: row.prediction };
  });
  return { answered, missing: items.filter((item) => !seen.has(item)) };
}

/** The same for predictions made here, in their order. */
export function matchPredictions<Item extends ItemName>(
  predictions: readonly Prediction[],
  items: readonly Item[],
): Answered<Item>[] {
  const byKey = new Map(items.map((item) => [keyOf(item), item]));
  return predictions.map((row) => ({ item: byKey.get(keyOf(row))!, prediction: row.prediction }));
}

type Find<Item> = (row: PredictionRow, index: number) => Item;

function itemFinder<Item extends ItemName>(items: readonly Item[], path: string): Find<Item> {
  const byKey = new Map(items.map((item) => [keyOf(item), item]));
  const byId = new Map<string, Item | "several">();
  for (const item of items) byId.set(item.id, byId.has(item.id) ? "several" : item);
  const hasTasks = items.some((item) => item.task !== "");
  return ({ task: named, id }, index) => {
    const task = hasTasks ? named : undefined;
    const found = typeof task === "string" ? byKey.get(keyOf({ task, id })) : byId.get(id);
    if (found === "several") {
      throw refusal(
        path,
        `row ${index + 1} names no task, and several have an id "${id}"`,
        'Add "task" to its rows',
      );
    }
    if (found !== undefined) return found;
    const name = typeof task === "string" ? inWords({ task, id }) : `id "${id}"`;
    const tasks = new Set(items.map((item) => item.task));
    const known =
      typeof task === "string" && !tasks.has(task)
        ? `the data has no task "${task}"`
        : `the data has ${countOf(items.length, "item")}, none of that name`;
    throw refusal(
      path,
      `row ${index + 1} is for ${name}, but ${known}`,
      "Give the data that it was made from, and not a part of them",
    );
  };
}

function inWords({ task, id }: ItemName): string {
  return task === "" ? `id "${id}"` : `task "${task}", id "${id}"`;
}

function refusal(path: string, fault: string, mend: string): UserError {
  return new UserError(`${path}: ${fault}. ${mend}.`, { code: "predictions-invalid", facts: { path } });
}
