/** A filled sheet against the key: what each question's ranks say of the systems, or everything that is wrong with them. */
import { UserError } from "../../errors.ts";
import { countOf } from "../../text/count-of.ts";
import type { SheetEntry } from "./read-sheets.ts";
import { placesOf, readRank } from "./ranking.ts";
import { type SheetKey, letterOf } from "./sheet-key.ts";

export interface FilledSheet {
  readonly path: string;
  readonly annotator: number;
  /** By question: the place of each system of the key, from 1; undefined where no answer has a rank. */
  readonly places: readonly (readonly number[] | undefined)[];
}

/** Throws a `UserError` that names up to ten faults, each with its line and question. */
export function checkSheet(path: string, entries: readonly SheetEntry[], key: SheetKey): FilledSheet {
  const sheet = sheetOf(path, entries, key);
  const faults: string[] = [];
  const byQuestion = entriesByQuestion(entries, key, faults);
  const places = sheet.letters.map((systems, index) => {
    const own = byQuestion.get(index) ?? [];
    const found = placesOfQuestion(own, systems, key);
    if (typeof found !== "string") return found;
    faults.push(`line ${own[0]!.line}, question ${index + 1}: ${found}`);
    return undefined;
  });
  if (faults.length === 0) return { path, annotator: sheet.annotator, places };
  const shown = faults.slice(0, MOST_SHOWN).map((fault) => `\n  ${fault}`);
  const more = faults.length > MOST_SHOWN ? `\n  and ${faults.length - MOST_SHOWN} more` : "";
  throw new UserError(
    `${path}: ${countOf(faults.length, "fault")}. Mend the sheet.${shown.join("")}${more}`,
    {
      code: "sheet-faults",
      facts: { path, faults },
    },
  );
}

const MOST_SHOWN = 10;

function sheetOf(path: string, entries: readonly SheetEntry[], key: SheetKey): SheetKey["sheets"][number] {
  const { line, sheet } = entries[0]!;
  const other = entries.find((entry) => entry.sheet !== sheet);
  if (other !== undefined) {
    throw new UserError(
      `${path}, line ${other.line}: sheet "${other.sheet}", but line ${line} is of sheet "${sheet}". Give each sheet as a file of its own.`,
      { code: "sheet-mixed", facts: { path } },
    );
  }
  const found = key.sheets.find((each) => each.sheet === sheet);
  if (found !== undefined) return found;
  throw new UserError(
    `${path}, line ${line}: sheet "${sheet}" is not of this key, whose sheets are ${key.sheets.map((each) => each.sheet).join(", ")}. Give the key that was written with the sheet.`,
    { code: "sheet-of-another-key", facts: { path, sheet } },
  );
}

function entriesByQuestion(
  entries: readonly SheetEntry[],
  { questions }: SheetKey,
  faults: string[],
): Map<number, SheetEntry[]> {
  const byQuestion = new Map<number, SheetEntry[]>();
  for (const entry of entries) {
    // A spreadsheet may write 7 as 7.0.
    const number = readRank(entry.question);
    if (number === undefined || questions[number - 1] === undefined) {
      const fault = `line ${entry.line}: question "${entry.question}" is unknown; the sheet has 1 to ${questions.length}`;
      // In JSON Lines, all answers of a question stand on its line.
      if (faults.at(-1) !== fault) faults.push(fault);
      continue;
    }
    byQuestion.set(number - 1, [...(byQuestion.get(number - 1) ?? []), entry]);
  }
  return byQuestion;
}

/** In the order of the key's systems; undefined where nothing is ranked; or what is wrong. */
function placesOfQuestion(
  entries: readonly SheetEntry[],
  systems: readonly string[],
  key: SheetKey,
): number[] | string | undefined {
  const letters = systems.map((_, index) => letterOf(index));
  const unknown = entries.find(({ letter }) => !letters.includes(letter));
  if (unknown !== undefined)
    return `answer "${unknown.letter}" is unknown; expected ${letters.join(", ")} (line ${unknown.line})`;
  const byLetter = letters.map((letter) => entries.filter((entry) => entry.letter === letter));
  const twice = byLetter.find((found) => found.length > 1);
  if (twice !== undefined)
    return `answer ${twice[0]!.letter} stands twice (lines ${twice.map(({ line }) => line).join(" and ")})`;
  const cells = byLetter.map(([entry]) => entry?.rank ?? "");
  if (cells.every((cell) => cell === "")) return undefined;
  const without = letters.filter((_, index) => cells[index] === "");
  if (without.length > 0) return `no rank for ${without.join(", ")}`;
  const ranks = cells.map(readRank);
  const strange = ranks.indexOf(undefined);
  if (strange !== -1)
    return `the rank of ${letters[strange]} is "${cells[strange]}"; expected a number from 1 to ${letters.length}`;
  const places = placesOf(ranks as number[], key);
  return typeof places === "string" ? places : key.systems.map((system) => places[systems.indexOf(system)]!);
}
