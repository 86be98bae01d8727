/** Cells of CSV, which are all texts, as the values that a format expects. */
import { parseJson } from "../containers/raw-row.ts";
import { type Format, RowFault, type Values } from "./format.ts";

/** Lists that rows of every format may have: see `dialogue.ts`. */
const DIALOGUE_FIELDS: ReadonlySet<string> = new Set(["history", "messageExtras"]);

export function decodeCells(cells: Readonly<Record<string, string>>, format: Format): Values {
  const entries = Object.entries(cells).flatMap(([name, cell]) => {
    const value = decode(cell, name, format);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

function decode(cell: string, name: string, { structured, texts, dialogues = [] }: Format): unknown {
  if (structured.includes(name)) {
    if (cell === "") return undefined;
    // As pandas writes them.
    if (cell === "True" || cell === "False") return cell === "True";
    const parsed = parseJson(cell);
    if ("reason" in parsed) throw new RowFault(name, parsed.reason);
    return parsed.value;
  }
  const isDialogue = dialogues.includes(name) && cell.startsWith('[{"role":');
  if (isDialogue || (DIALOGUE_FIELDS.has(name) && cell.startsWith("["))) {
    const parsed = parseJson(cell);
    return "value" in parsed ? parsed.value : cell;
  }
  return cell === "" && !texts.includes(name) ? undefined : cell;
}
