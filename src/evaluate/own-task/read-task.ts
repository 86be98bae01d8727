/**
 * A task of one's own, from a file of its items, prompt and scorer (docs/tasks.md). It is checked whole: what cannot be
 * asked or scored is an error before any model is asked.
 */
import { dirname, join, resolve } from "node:path";
import { openRows } from "../../data/containers/open-rows.ts";
import { parseJson, placeInWords } from "../../data/containers/raw-row.ts";
import { UserError } from "../../errors.ts";
import type { Question, QuestionPrompt } from "../benchmark/question.ts";
import { promptFor } from "./prompt-template.ts";
import type { ItemRule } from "./scorers/scorer.ts";
import { type Place, type TaskDocument, readTaskDocument } from "./task-document.ts";
import { FieldFault, type TaskItem, asText, textOf } from "./task-item.ts";
import { type CheckedScorer, type TaskInput, type TaskSpec, checkTask, faultAt } from "./task-spec.ts";

export interface OwnTask {
  readonly name: string;
  readonly items: readonly AskedItem[];
  /** The longest answer, in tokens. */
  readonly maxTokens: number;
  readonly stop: readonly string[];
  readonly scorer: CheckedScorer;
  /** How all its items are scored. */
  readonly by: ItemRule["by"];
  /** The name of the mean score. */
  readonly measure: string;
}

export interface AskedItem extends TaskItem {
  readonly prompt: QuestionPrompt;
  readonly rule: ItemRule;
  /** Empty where the task has none. */
  readonly group: string;
}

const DEFAULT_MAX_TOKENS = 256;

/** Throws a `UserError` with the line of the first thing that is wrong. */
export async function readTask(path: string): Promise<OwnTask> {
  return taskOf(await readTaskDocument(path));
}

/**
 * A task written in code: the keys of a file, checked in the same way. A path to items starts at `folder`, by default the
 * current one.
 */
export function defineTask(task: TaskInput, { folder = "." }: { folder?: string } = {}): Promise<OwnTask> {
  const where = (place: Place): string => [task.name, ...place].join(".");
  return taskOf({ path: join(folder, task.name), value: task, where });
}

async function taskOf(document: TaskDocument): Promise<OwnTask> {
  const spec = checkTask(document);
  const { name, scorer, maxTokens = DEFAULT_MAX_TOKENS, stop = [] } = spec;
  const items = distinct(await readItems(document, spec)).map((item) => asked(item, spec));
  const { by } = items[0]!.rule;
  return { name, items, maxTokens, stop, scorer, by, measure: scorer.kind.measure(scorer.settings) };
}

function asked(item: TaskItem, { prompt, group, scorer }: TaskSpec): AskedItem {
  try {
    return {
      ...item,
      prompt: promptFor(prompt, item),
      rule: scorer.kind.ruleFor(item, scorer.settings),
      group: group === undefined ? "" : textOf(item, group),
    };
  } catch (error) {
    if (!(error instanceof FieldFault)) throw error;
    const { message } = error;
    throw new UserError(`${item.where}, item "${item.id}": ${message}${/[.?]$/.test(message) ? "" : "."}`, {
      code: "task-item-invalid",
      facts: { id: item.id },
    });
  }
}

async function readItems(document: TaskDocument, { name, items }: TaskSpec): Promise<TaskItem[]> {
  if (typeof items === "string") return itemsOfFile(resolve(dirname(document.path), items), name);
  return items.map((fields, index) => {
    if (!isFields(fields))
      throw faultAt(document, ["items", index], `items.${index}: expected fields and values`);
    const where = document.where(["items", index]);
    return { task: name, id: idOf(fields, index, where), fields, where };
  });
}

/** Rows of any kind of file that data lies in. */
async function itemsOfFile(path: string, task: string): Promise<TaskItem[]> {
  const items: TaskItem[] = [];
  for await (const rows of openRows(path)) {
    for (const row of rows) {
      const where = `${path}, ${placeInWords(row.place)}`;
      const reason = "reason" in row ? row.reason : isFields(row.value) ? undefined : "expected an object";
      if (reason !== undefined) {
        throw new UserError(`${where}: ${reason}.`, { code: "task-item-invalid", facts: { path } });
      }
      const { value, isText } = row as { value: Record<string, unknown>; isText?: boolean };
      const fields = isText === true ? withLists(value) : value;
      items.push({ task, id: idOf(fields, items.length, where), fields, where });
    }
  }
  return items;
}

/** A CSV cell is a text; one that is a JSON list, as choices are, is that list. */
function withLists(cells: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const decoded = Object.entries(cells).map(([name, cell]) => {
    const parsed = String(cell).startsWith("[") ? parseJson(String(cell)) : { reason: "no list" };
    return [name, "value" in parsed ? parsed.value : cell] as const;
  });
  return Object.fromEntries(decoded);
}

/** Its number, from 0, where it has none. */
function idOf({ id }: Readonly<Record<string, unknown>>, index: number, where: string): string {
  const text = asText(id ?? index);
  if (text !== undefined) return text;
  throw new UserError(`${where}: the id is ${JSON.stringify(id)}; expected is a text or a number.`, {
    code: "task-item-invalid",
  });
}

function distinct(items: readonly TaskItem[]): readonly TaskItem[] {
  const seen = new Map<string, TaskItem>();
  for (const item of items) {
    const other = seen.get(item.id);
    if (other !== undefined) {
      throw new UserError(`${item.where}: a second item "${item.id}"; the first: ${other.where}.`, {
        code: "task-item-twice",
        facts: { id: item.id },
      });
    }
    seen.set(item.id, item);
  }
  return items;
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a model is asked. */
export function questionsOf({ items, maxTokens, stop }: OwnTask): Question[] {
  return items.map(({ task, id, prompt }) => ({ task, id, prompt, maxTokens, stop }));
}
