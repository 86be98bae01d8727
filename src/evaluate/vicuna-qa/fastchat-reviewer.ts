/** The reviewer of 2023, word for word, from FastChat's `prompt.jsonl`, which the user has. */
import { z } from "zod";
import { readAllJsonLines } from "../../data/jsonl.ts";
import { UserError } from "../../errors.ts";
import { type Reviewer, type ReviewerKind, reviewerKind } from "./reviewer.ts";

const promptRow = z.looseObject({
  prompt_id: z.number(),
  system_prompt: z.string(),
  prompt_template: z.string(),
  defaults: z.record(z.string(), z.string()),
});
type PromptRow = z.output<typeof promptRow>;

/** As FastChat's table of reviewers says. */
const PROMPT_IDS: Readonly<Record<ReviewerKind, number>> = { general: 1, coding: 2, math: 3 };

/** Throws a `UserError` where one of the three prompts is missing, or has a place for what nobody knows. */
export async function readFastChatReviewer(path: string): Promise<Reviewer> {
  const rows = await readAllJsonLines(path, promptRow);
  const promptFor = (kind: ReviewerKind): PromptRow => {
    const row = rows.find(({ prompt_id: id }) => id === PROMPT_IDS[kind]);
    if (row === undefined)
      throw refusal(path, `no prompt_id ${PROMPT_IDS[kind]}, the reviewer of ${kind} questions`);
    return row;
  };
  const prompts = { general: promptFor("general"), coding: promptFor("coding"), math: promptFor("math") };
  for (const { prompt_id: id, prompt_template: template, defaults } of Object.values(prompts)) {
    const known = { question: "", answer_1: "", answer_2: "", ...defaults };
    const unknown = placesOf(template).find((name) => !Object.hasOwn(known, name));
    if (unknown !== undefined)
      throw refusal(path, `prompt_id ${id} has a place {${unknown}} that nothing fills`);
  }
  return {
    prompts: path,
    grading: "scores",
    quotes: false,
    messages({ question, category, answers }) {
      const { system_prompt: system, prompt_template: template, defaults } = prompts[reviewerKind(category)];
      const [first = "", second = ""] = answers;
      const values = { ...defaults, question, answer_1: first, answer_2: second };
      return [
        { role: "system", content: system },
        { role: "user", content: filled(template, values) },
      ];
    },
  };
}

/** Python's `str.format`, as far as the prompts use it: `{name}`, and doubled braces for braces. */
const PLACE = /\{\{|\}\}|\{(\w+)\}/g;

function placesOf(template: string): string[] {
  return [...template.matchAll(PLACE)].flatMap(([, name]) => name ?? []);
}

/** In one go: what an answer holds is never filled in itself. */
function filled(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(PLACE, (written, name: string | undefined) =>
    name === undefined ? written[0]! : values[name]!,
  );
}

function refusal(path: string, fault: string): UserError {
  return new UserError(`${path}: ${fault}. Expected FastChat's prompt.jsonl of 2023.`, {
    code: "prompts-invalid",
    facts: { path },
  });
}

/**
 * Whether an answer could pass for a part of that prompt, or holds what reads as the judge's scores. The prompt quotes
 * nothing, so all that can be done is to tell.
 */
export function imitatesPrompt(answer: string): boolean {
  return IMITATIONS.some((pattern) => pattern.test(answer.normalize("NFKC").replaceAll(/\p{Cf}/gu, "")));
}

const IMITATIONS = [
  /^\s{0,9}\[\s{0,9}(?:System|Question|(?:The\s)?(?:Start|End)\s(?:of\s)?Assistant|Assistant\s?\d)/im,
  /^[^\p{L}\p{N}\n]{0,9}\d{1,2}(?:\.\d)?[\s,]{1,3}\d{1,2}(?:\.\d)?[^\p{L}\p{N}\n]{0,9}$/mu,
  /\bAssistant\s{1,3}[12]\b/i,
  /\b(?:ignore|disregard)\b.{0,40}\b(?:instructions?|previous|above)\b/i,
];
