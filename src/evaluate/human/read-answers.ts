/** The systems of a human evaluation: `NAME=FILE` for each, with an answer to every question. */
import { UserError } from "../../errors.ts";
import { countOf } from "../../text/count-of.ts";
import { readPredictions } from "../benchmark/predictions.ts";
import type { HumanQuestion } from "./human-question.ts";
import type { SystemAnswers } from "./make-sheets.ts";

export interface AnswerFile {
  readonly name: string;
  readonly path: string;
}

/** Throws a `UserError` for fewer than two systems, a name that comes twice, and what is not `NAME=FILE`. */
export function parseAnswerFiles(texts: readonly string[]): AnswerFile[] {
  const files = texts.map((text) => {
    const [, name, path] = /^([^=]*[^=\s][^=]*)=(.+)$/s.exec(text) ?? [];
    if (name !== undefined && path !== undefined) return { name: name.trim(), path };
    throw badAnswers(`expected NAME=FILE, got ${JSON.stringify(text)}`);
  });
  const twice = files.find(({ name }, index) => files.findIndex((file) => file.name === name) !== index);
  if (twice !== undefined) throw badAnswers(`the name ${twice.name} comes twice`);
  if (files.length < 2) throw badAnswers("ranking needs at least two systems, each as NAME=FILE");
  return files;
}

/** Rows `{task?, id, prediction}`, found by their id alone. Throws a `UserError` where a question has no answer. */
export async function readAnswers(
  { name, path }: AnswerFile,
  questions: readonly HumanQuestion[],
): Promise<SystemAnswers> {
  const items = questions.map(({ id }) => ({ task: "", id }));
  const { answered, missing } = await readPredictions(path, items);
  if (missing.length > 0) {
    const ids = missing.slice(0, 5).map(({ id }) => id);
    const more = missing.length > ids.length ? ", ..." : "";
    throw new UserError(
      `${path}: no answer of ${name} to ${countOf(missing.length, "question")} (id ${ids.join(", ")}${more}). Every system answers every question.`,
      { code: "human-answers-missing", facts: { path, system: name } },
    );
  }
  const byId = new Map(answered.map(({ item, prediction }) => [item.id, prediction]));
  return { name, answers: questions.map(({ id }) => byId.get(id)!) };
}

/** How many answers hold the name of their own system, as a word: these are not blind. */
export function countTelling({ name, answers }: SystemAnswers): number {
  const escaped = name.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
  const word = new RegExp(String.raw`(?<![\p{L}\p{N}])${escaped}(?![\p{L}\p{N}])`, "iu");
  return answers.filter((answer) => word.test(answer)).length;
}

function badAnswers(reason: string): UserError {
  return new UserError(`--answers: ${reason}.`, { code: "human-answers-flag" });
}
