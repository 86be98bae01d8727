/** One item of a task: its fields, as the task's file or a data file has them, and what a prompt or a scorer reads there. */
import type { ItemName } from "../benchmark/question.ts";
import { suggestion } from "../../text/suggestion.ts";

export interface TaskItem extends ItemName {
  readonly fields: Readonly<Record<string, unknown>>;
  /** For errors: `capitals.yaml, line 12`. */
  readonly where: string;
}

/** What is wrong with an item's field, for whoever knows where the item stands. */
export class FieldFault extends Error {}

/** A text; numbers and truth values are written out. */
export function textOf({ fields }: TaskItem, name: string): string {
  const value = valueOf(fields, name);
  const text = asText(value);
  if (text !== undefined) return text;
  throw new FieldFault(`the field "${name}" holds ${kindOf(value)}; expected is a text`);
}

/** One text or several, at least one. */
export function textsOf({ fields }: TaskItem, name: string): readonly string[] {
  const value = valueOf(fields, name);
  const texts = (Array.isArray(value) ? (value as unknown[]) : [value]).map(asText);
  if (texts.length > 0 && texts.every((text) => text !== undefined)) return texts;
  throw new FieldFault(`the field "${name}" holds ${kindOf(value)}; expected is a text or a list of texts`);
}

/** A list of at least two texts. */
export function listOf({ fields }: TaskItem, name: string): readonly string[] {
  const value = valueOf(fields, name);
  const texts = Array.isArray(value) ? (value as unknown[]).map(asText) : [];
  if (texts.length > 1 && texts.every((text) => text !== undefined)) return texts;
  throw new FieldFault(
    `the field "${name}" holds ${kindOf(value)}; expected is a list of at least two texts`,
  );
}

/** As it is; it is there. */
export function valueOf(fields: TaskItem["fields"], name: string): unknown {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (value !== undefined && value !== null) return value;
  const others = Object.keys(fields).filter((other) => fields[other] !== null && other !== name);
  throw new FieldFault(`there is no field "${name}"${suggestion(name, others)}`);
}

export function asText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "an object";
  return typeof value === "string" ? "a text" : `a ${typeof value}`;
}
