/** The key of blind sheets: which letter stands for which system. Whoever ranks must not see it. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { UserError } from "../../errors.ts";
import { fileError } from "../../data/text-file.ts";

const keyFields = z.object({
  /** Stands in the names of the sheets: the same for all of them, and another for other answers or another seed. */
  key: z.string(),
  seed: z.number(),
  /** In the order in which they were given; the first is the baseline of reports. */
  systems: z.array(z.string()).min(2),
  /** Whether answers may share a place. */
  ties: z.boolean(),
  /** Question 1 of the sheets is the first. */
  questions: z.array(z.object({ id: z.string(), category: z.string().optional() })).min(1),
  sheets: z
    .array(
      z.object({
        /** Stands in every row of the sheet. */
        sheet: z.string(),
        annotator: z.number(),
        /** By question: the systems in the order of their letters. */
        letters: z.array(z.array(z.string())),
      }),
    )
    .min(1),
});

/** Each question of each sheet has one letter for each system. */
const sheetKey = keyFields.refine(({ systems, questions, sheets }) =>
  sheets.every(
    ({ letters }) =>
      letters.length === questions.length &&
      letters.every((order) => order.toSorted().join("\n") === systems.toSorted().join("\n")),
  ),
);
export type SheetKey = z.output<typeof sheetKey>;

export function readSheetKey(path: string): SheetKey {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw fileError(path, "read", cause);
  }
  try {
    return sheetKey.parse(JSON.parse(text));
  } catch (cause) {
    throw new UserError(`${path}: no key of sheets; expected the key.json that tuna human sheets wrote.`, {
      code: "sheet-key-invalid",
      facts: { path },
      cause,
    });
  }
}

/** A, B, ... Z, AA, AB, ... */
export function letterOf(index: number): string {
  const last = String.fromCodePoint("A".codePointAt(0)! + (index % 26));
  return index < 26 ? last : letterOf(Math.floor(index / 26) - 1) + last;
}
