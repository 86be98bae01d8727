/** Files of answers: FastChat's rows `{question_id, text}`, and rows `{task?, id, prediction}` of prediction files. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { readAllJsonLines } from "../../data/jsonl.ts";
import { UserError } from "../../errors.ts";
import { questionId } from "./questions.ts";

export interface Answer {
  readonly text: string;
  /** By which a review names it: the file's `answer_id`, or a digest of the text. */
  readonly answerId: string;
  /** Whether the file named it. */
  readonly isNamed: boolean;
}

/** By the question's id. */
export type Answers = ReadonlyMap<string, Answer>;

const answerRow = z.union(
  [
    z
      .looseObject({ question_id: questionId, text: z.string(), answer_id: z.string().optional() })
      .transform((row) => ({ id: row.question_id, answer: namedAnswer(row.text, row.answer_id) })),
    z
      .looseObject({ id: questionId, prediction: z.string() })
      .transform(({ id, prediction }) => ({ id, answer: answerOf(prediction) })),
  ],
  { error: "expected {question_id, text} or {id, prediction}" },
);

/** In the order of the file. Throws a `UserError` for an empty file, for two answers to a question, and for ids that no question has. */
export async function readAnswers(path: string, questionIds?: ReadonlySet<string>): Promise<Answers> {
  const rows = await readAllJsonLines(path, answerRow);
  if (rows.length === 0) throw refusal(path, "no answers", "Give a file of answers");
  const answers = new Map<string, Answer>();
  for (const [index, { id, answer }] of rows.entries()) {
    if (answers.has(id)) {
      throw refusal(path, `row ${index + 1} is a second answer to question ${id}`, "Keep one of them");
    }
    if (questionIds !== undefined && !questionIds.has(id)) {
      throw refusal(
        path,
        `row ${index + 1} answers question ${id}, which the questions do not have`,
        "Give the questions that were answered",
      );
    }
    answers.set(id, answer);
  }
  return answers;
}

export function answerOf(text: string): Answer {
  return { text, answerId: createHash("sha256").update(text).digest("hex").slice(0, 22), isNamed: false };
}

function namedAnswer(text: string, answerId: string | undefined): Answer {
  return answerId === undefined ? answerOf(text) : { text, answerId, isNamed: true };
}

function refusal(path: string, fault: string, mend: string): UserError {
  return new UserError(`${path}: ${fault}. ${mend}.`, { code: "answers-invalid", facts: { path } });
}
