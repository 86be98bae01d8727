/** Blind sheets as files: CSV for spreadsheets, a row for each answer, and JSON Lines, a row for each question. */
import { csvLine } from "../../data/containers/csv.ts";
import { safeCell } from "../../data/containers/spreadsheet-cell.ts";
import type { BlindSheet } from "./make-sheets.ts";
import { letterOf } from "./sheet-key.ts";

/** Of CSV; `tuna human scores` needs sheet, question, answer and rank. */
const COLUMNS = ["sheet", "question", "category", "instruction", "answer", "text", "rank", "comment"];

/** With a byte order mark, without which Excel takes it for another encoding. */
export function sheetCsv({ sheet, questions }: BlindSheet, separator: string): string {
  const lines = questions.flatMap(({ question, answers }, number) =>
    answers.map((answer, letter) => [
      sheet,
      String(number + 1),
      safeCell(question.category ?? ""),
      safeCell(question.text),
      letterOf(letter),
      safeCell(answer),
      "",
      "",
    ]),
  );
  return `\uFEFF${[COLUMNS, ...lines].map((cells) => csvLine(cells, separator)).join("")}`;
}

/** Ranks stand at null until somebody gives them. */
export function sheetRows({ sheet, questions }: BlindSheet): object[] {
  return questions.map(({ question: { category, text }, answers }, number) => ({
    sheet,
    question: number + 1,
    ...(category !== undefined && { category }),
    instruction: text,
    answers: Object.fromEntries(answers.map((answer, letter) => [letterOf(letter), answer])),
    ranks: Object.fromEntries(answers.map((_, letter) => [letterOf(letter), null])),
  }));
}

/** What annotators are told. */
export function sheetInstructions({
  numSystems,
  numQuestions,
  ties,
}: {
  numSystems: number;
  numQuestions: number;
  ties: boolean;
}): string {
  const last = letterOf(numSystems - 1);
  const example = numSystems > 2 ? "1, 1, 3" : "1, 1";
  const rule = ties
    ? `Answers that are equally good may share a rank, for example ${example}. Use this sparingly: where you prefer one, say so.`
    : `Each rank from 1 to ${numSystems} is given once: please decide, also where answers are close.`;
  return `How to rank the answers

Your sheet has ${numQuestions} questions, each with ${numSystems} answers, A to ${last}. They come from different systems. The letters
are dealt anew for each question: A of one question has nothing to do with A of the next.

1. Read the question, then all its answers.
2. Ask yourself which answer you would rather have got: is it right, does it do what was asked, is it clear, complete and
   no longer than it need be? What does harm or is made up is worse than what is short.
3. In the column "rank", write 1 beside the best answer, 2 beside the next, and so on to ${numSystems} for the worst.
   ${rule}
4. Give every answer of a question a rank, also an empty one. In "comment" you may write what you like.

Please rank on your own, and do not talk about the answers with others who rank before all are done. Leave the columns sheet,
question and answer as they are; rows may be sorted. An apostrophe in front of a text that begins with a sign such as = or - is
no part of the answer. Save the sheet as CSV (with UTF-8, if you are asked), or fill in the ranks of the .jsonl file instead.
`;
}
