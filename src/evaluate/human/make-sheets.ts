/** Blind sheets: for each annotator, all questions with the answers of all systems in an order of their own. */
import { createHash } from "node:crypto";
import { randomStream } from "../../random.ts";
import type { HumanQuestion } from "./human-question.ts";
import type { SheetKey } from "./sheet-key.ts";

export interface SystemAnswers {
  readonly name: string;
  /** By question. */
  readonly answers: readonly string[];
}

export interface SheetOptions {
  readonly annotators: number;
  readonly seed: number;
  readonly ties: boolean;
}

/** What one annotator gets. Nothing in it but the texts can tell a system. */
export interface BlindSheet {
  readonly sheet: string;
  readonly annotator: number;
  readonly questions: readonly { readonly question: HumanQuestion; readonly answers: readonly string[] }[];
}

/** Two runs on the same data, answers and options make the same sheets. */
export function makeSheets(
  questions: readonly HumanQuestion[],
  systems: readonly SystemAnswers[],
  { annotators, seed, ties }: SheetOptions,
): { key: SheetKey; sheets: BlindSheet[] } {
  const secret = digestOf(JSON.stringify([questions, systems, annotators, seed, ties]));
  const digest = digestOf(secret).slice(0, 10);
  const made = Array.from({ length: annotators }, (_, index) => {
    const annotator = index + 1;
    // From what no sheet holds: its own words, the program, the seed and the ids together do not tell an order.
    const orders = questions.map(({ id }) =>
      randomStream("human-sheet", secret, annotator, id).shuffle(systems),
    );
    const sheet = `sheet-${digest}-${annotator}`;
    const letters = orders.map((order) => order.map(({ name }) => name));
    const blind = questions.map((question, number) => ({
      question,
      answers: orders[number]!.map(({ answers }) => answers[number]!),
    }));
    return { entry: { sheet, annotator, letters }, blind: { sheet, annotator, questions: blind } };
  });
  const key: SheetKey = {
    key: digest,
    seed,
    systems: systems.map(({ name }) => name),
    ties,
    questions: questions.map(({ id, category }) => ({ id, ...(category !== undefined && { category }) })),
    sheets: made.map(({ entry }) => entry),
  };
  return { key, sheets: made.map(({ blind }) => blind) };
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
