/**
 * One question to the judge: asked once more if its reply cannot be read, or leaves responses out without a word, and
 * given up after that.
 */
import { UserError } from "../errors.ts";
import type { ChatMessage, ChatModel, Usage } from "../llm/index.ts";
import {
  HIGHEST_SCORE,
  type Judgement,
  type UnreadableJudgement,
  parseJudgement,
} from "./contextual-parse.ts";
import { unexplainedOmissions } from "./judged-omissions.ts";
import { findInstructionKind, findReference } from "./judged-reference.ts";

export interface JudgeQuestion {
  judge: ChatModel;
  messages: readonly ChatMessage[];
  numResponses: number;
  maxTokens: number;
  signal?: AbortSignal | undefined;
}

export interface JudgeAnswer {
  judgement: Judgement | UnreadableJudgement;
  /** Every reply that was paid for, in order. */
  replies: string[];
  /** Of all replies together; undefined where the server does not tell. */
  usage: Usage | undefined;
}

/** At temperature 0 a question repeats its reply, so the second says what was wrong with the first. */
export async function askJudge(question: JudgeQuestion): Promise<JudgeAnswer> {
  const { judge, messages, numResponses, maxTokens, signal } = question;
  const answer: Omit<JudgeAnswer, "judgement"> = { replies: [], usage: undefined };
  const ask = async (conversation: readonly ChatMessage[]): Promise<string> => {
    const { text, usage } = await judge.chat({ messages: conversation, temperature: 0, maxTokens, signal });
    answer.replies.push(text);
    answer.usage = addUsage(answer.usage, usage);
    return text;
  };

  try {
    const first = await ask(messages);
    const judgement = judgementOf(answer.replies, numResponses);
    if (judgement.ok) return { ...answer, judgement };

    await ask(askAgain(messages, first, judgement.reason));
    const second = judgementOf(answer.replies, numResponses);
    return { ...answer, judgement: second.ok ? withRemarks(second, first, numResponses) : second };
  } catch (error) {
    // One prompt that is too long for the judge must not end the run; a dead server must.
    if (!(error instanceof UserError) || error.code !== "prompt-refused") throw error;
    return { ...answer, judgement: { ok: false, reason: error.message } };
  }
}

/** The last reply's; what an earlier one says about duplicates still holds. */
function judgementOf(replies: readonly string[], numResponses: number): Judgement | UnreadableJudgement {
  const judgement = parseJudgement(replies.at(-1)!, numResponses);
  if (!judgement.ok) return judgement;
  const missing = unexplainedOmissions(judgement, { text: replies.join("\n"), numResponses });
  if (missing.length === 0) return judgement;
  const reason = `the rank list leaves out Response ${missing.join(", ")}, and nothing says that it is a duplicate`;
  return { ok: false, reason };
}

function addUsage(sum: Usage | undefined, usage: Usage | undefined): Usage | undefined {
  if (sum === undefined || usage === undefined) return sum ?? usage;
  return {
    promptTokens: sum.promptTokens + usage.promptTokens,
    completionTokens: sum.completionTokens + usage.completionTokens,
  };
}

function askAgain(messages: readonly ChatMessage[], reply: string, reason: string): ChatMessage[] {
  const request =
    `Your reply could not be used: ${reason}. Reply once more, with these lines only: for each response that duplicates another, ` +
    "'Response k is a duplicate of Response j'; for each of the others, " +
    `'Response k: [its overall score, 0 to ${HIGHEST_SCORE}]'; and last the line 'rank: [...]' with the numbers of these ` +
    "others in decreasing order of their scores.";
  if (reply.trim() !== "") {
    return [...messages, { role: "assistant", content: reply }, { role: "user", content: request }];
  }
  // Servers refuse an empty assistant turn, and many templates two user turns in a row.
  const question = messages.at(-1)!;
  return [...messages.slice(0, -1), { ...question, content: `${question.content}\n\n${request}` }];
}

/** The second reply holds scores and ranks only; the reference and the kind stand in the first. */
function withRemarks(judgement: Judgement, first: string, numResponses: number): Judgement {
  return {
    ...judgement,
    reference: judgement.reference ?? findReference(first, { label: numResponses, end: first.length }),
    kind: judgement.kind ?? findInstructionKind(first, numResponses),
  };
}
