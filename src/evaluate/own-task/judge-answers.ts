/**
 * Asks a judge to grade answers by a rubric. What it is shown of strangers is quoted, and its grade stands behind a code word
 * that depends on all it is shown: whoever wrote an answer cannot have known it, so that no grade in an answer is ever read.
 */
import { UserError } from "../../errors.ts";
import { type ChatMessage, type ChatModel, mapConcurrently } from "../../llm/index.ts";
import { type Graded, codeWordFor, gradingPrompt, readGrade, retryRequest } from "./grading-prompt.ts";
import type { JudgeSettings } from "./scorers/judge.ts";
import type { Outcome } from "./scorers/scorer.ts";

export interface JudgeOptions {
  readonly judge: ChatModel;
  readonly concurrency: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number) => void) | undefined;
}

export type JudgeOutcome = Outcome & {
  /** All of them, in order: the second came where the first could not be read. */
  readonly replies: readonly string[];
};

/** In the order of the answers. A reply without a grade is asked for once more, and then its answer is unscored. */
export function judgeAnswers(
  answers: readonly Graded[],
  settings: JudgeSettings,
  { judge, concurrency, signal, onProgress }: JudgeOptions,
): Promise<JudgeOutcome[]> {
  let done = 0;
  return mapConcurrently(
    answers,
    async (answer) => {
      const outcome = await gradeOne(answer, settings, { judge, signal });
      onProgress?.(++done);
      return outcome;
    },
    { concurrency, signal },
  );
}

async function gradeOne(
  answer: Graded,
  settings: JudgeSettings,
  { judge, signal }: Pick<JudgeOptions, "judge" | "signal">,
): Promise<JudgeOutcome> {
  const { scale, maxTokens } = settings;
  const code = codeWordFor(answer, settings);
  const question: ChatMessage = { role: "user", content: gradingPrompt(answer, settings, code) };
  const replies: string[] = [];
  const ask = async (messages: readonly ChatMessage[]): Promise<string> => {
    const { text } = await judge.chat({ messages, temperature: 0, maxTokens, signal });
    replies.push(text);
    return text;
  };
  try {
    const first = await ask([question]);
    let grade = readGrade(first, { code, scale });
    if ("reason" in grade) {
      grade = readGrade(
        await ask(withRequest(question, first, retryRequest(grade.reason, { code, scale }))),
        {
          code,
          scale,
        },
      );
    }
    if (!("reason" in grade)) return { ...grade, replies };
    const kind = "the judge's reply cannot be read";
    return { score: null, reason: `${kind}: ${grade.reason}`, kind, replies };
  } catch (error) {
    // One answer that is too long for the judge must not end the run; a dead server must.
    if (!(error instanceof UserError) || error.code !== "prompt-refused") throw error;
    return { score: null, reason: error.message, kind: "the judge's server refuses it", replies };
  }
}

/** Servers refuse an empty assistant turn. */
function withRequest(question: ChatMessage, reply: string, request: string): ChatMessage[] {
  if (reply.trim() === "") return [{ ...question, content: `${question.content}\n\n${request}` }];
  return [question, { role: "assistant", content: reply }, { role: "user", content: request }];
}
