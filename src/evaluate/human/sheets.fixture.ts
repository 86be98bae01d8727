/** Simulated annotators: sheets as they were handed out, filled in by a rule, as files of a spreadsheet program. */
import { csvLine } from "../../data/containers/csv.ts";
import { midranks } from "../statistics/rank-correlation.ts";
import type { HumanQuestion } from "./human-question.ts";
import type { BlindSheet, SystemAnswers } from "./make-sheets.ts";
import { letterOf } from "./sheet-key.ts";

/** How good an answer looks to an annotator. All that it can go by is the text. */
export type Taste = (answer: string, question: number) => number;

export const questionsOf = (count: number): HumanQuestion[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `q${index}`,
    text: `Question ${index}?`,
    category: index % 2 === 0 ? "even" : "odd",
  }));

/** Each answer says whose it is, as only a test may. */
export const answersOf = (names: readonly string[], count: number): SystemAnswers[] =>
  names.map((name) => ({
    name,
    answers: Array.from({ length: count }, (_, index) => `${name} on ${index}`),
  }));

/** By question: ranks from 1 in the order of the letters; equal tastes share the first of their places. */
export function ranksBy(sheet: BlindSheet, taste: Taste): number[][] {
  return sheet.questions.map(({ answers }, question) => {
    const tastes = answers.map((answer) => -taste(answer, question));
    const middle = midranks(tastes);
    return middle.map((rank) => 1 + rank - (middle.filter((other) => other === rank).length - 1) / 2);
  });
}

/** As Excel saves it where commas are decimal. */
export function excelCsv(sheet: BlindSheet, ranks: readonly (readonly (number | string)[])[]): string {
  const rows = sheet.questions.flatMap(({ question, answers }, number) =>
    answers.map((answer, letter) => [
      sheet.sheet,
      String(number + 1),
      question.text,
      letterOf(letter),
      answer,
      String(ranks[number]![letter]),
    ]),
  );
  const header = ["sheet", "question", "instruction", "answer", "text", "rank"];
  return `\uFEFF${[header, ...rows].map((cells) => csvLine(cells, ";").replace(/\n$/, "\r\n")).join("")}`;
}
