/** All filled sheets of a key together: who ranked which question, and what is missing. */
import { basename } from "node:path";
import { UserError } from "../../errors.ts";
import type { FilledSheet } from "./check-sheet.ts";
import type { SheetKey } from "./sheet-key.ts";

export interface RankedQuestion {
  /** From 1, as in the sheets. */
  readonly number: number;
  readonly id: string;
  readonly category: string | undefined;
  /** One for each annotator who ranked it: the place of each system, from 1, ties at their mean. */
  readonly rankings: readonly { readonly annotator: number; readonly places: readonly number[] }[];
}

/**
 * The questions that anybody ranked. Throws a `UserError` for a sheet that comes twice and, unless they may be partial, where an
 * annotator's sheet or ranks are missing.
 */
export function collectRankings(
  sheets: readonly FilledSheet[],
  key: SheetKey,
  { partial }: { partial: boolean },
): RankedQuestion[] {
  refuseTwice(sheets);
  if (!partial) refuseMissing(sheets, key);
  const ranked = key.questions.map(({ id, category }, index) => ({
    number: index + 1,
    id,
    category,
    rankings: sheets
      .toSorted((a, b) => a.annotator - b.annotator)
      .flatMap(({ annotator, places }) => {
        const own = places[index];
        return own === undefined ? [] : [{ annotator, places: own }];
      }),
  }));
  const some = ranked.filter(({ rankings }) => rankings.length > 0);
  if (some.length > 0) return some;
  throw new UserError("No question has ranks. Fill in the column rank of the sheets.", {
    code: "sheets-unranked",
  });
}

function refuseTwice(sheets: readonly FilledSheet[]): void {
  for (const [index, { annotator, path }] of sheets.entries()) {
    const before = sheets.slice(0, index).find((sheet) => sheet.annotator === annotator);
    if (before === undefined) continue;
    throw new UserError(
      `${before.path} and ${path} are both the sheet of annotator ${annotator}. Give one of them: CSV or JSON Lines.`,
      { code: "sheet-twice", facts: { paths: [before.path, path] } },
    );
  }
}

function refuseMissing(sheets: readonly FilledSheet[], key: SheetKey): void {
  const absent = key.sheets.filter(({ annotator }) => !sheets.some((sheet) => sheet.annotator === annotator));
  const gaps = sheets.flatMap(({ path, places }) => {
    const numbers = places.flatMap((own, index) => (own === undefined ? [index + 1] : []));
    return numbers.length === 0 ? [] : [{ path, numbers }];
  });
  const unranked = key.questions.flatMap((_, index) =>
    sheets.every(({ places }) => places[index] === undefined) ? [index + 1] : [],
  );
  const reasons = [
    ...absent.map(({ annotator }) => `no sheet of annotator ${annotator} is given`),
    ...gaps.map(({ path, numbers }) => `${basename(path)} has no ranks for ${questionsInWords(numbers)}`),
    ...(unranked.length > 0 ? [`nobody ranked ${questionsInWords(unranked)}`] : []),
  ];
  if (reasons.length === 0) return;
  throw new UserError(
    `Ranks are missing: ${reasons.join("; ")}. Have them ranked, or take what there is with --partial.`,
    { code: "sheets-incomplete", facts: { reasons } },
  );
}

function questionsInWords(numbers: readonly number[]): string {
  const shown = numbers.slice(0, 10).join(", ");
  const more = numbers.length > 10 ? ` and ${numbers.length - 10} more` : "";
  return `question${numbers.length === 1 ? "" : "s"} ${shown}${more}`;
}
