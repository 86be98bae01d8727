/**
 * One question to the judge: asked once more if its reply cannot be read, or leaves responses out without a word, and
 * given up after that.
 */
import { UserError } from "../errors.ts";
import type { ChatMessage, ChatModel, ReplySchema, Usage } from "../llm/index.ts";
import { findInstructionKind, findReference, forgesReference } from "./judged-reference.ts";
import { HIGHEST_SCORE, type Judgement, type UnreadableJudgement } from "./judgement.ts";
import type { JudgeOutput } from "./ranking-request.ts";
import { type ReadVerdict, codeWordFor, readMarkedVerdict, readVerdict } from "./read-verdict.ts";
import { judgementSchema } from "./structured-judgement.ts";

export interface JudgeQuestion {
  judge: ChatModel;
  messages: readonly ChatMessage[];
  /** As the messages show them. */
  responses: readonly string[];
  output: JudgeOutput;
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
  const { judge, messages, output, maxTokens, signal } = question;
  const answer: Omit<JudgeAnswer, "judgement"> = { replies: [], usage: undefined };
  const ask = async (conversation: readonly ChatMessage[]): Promise<string> => {
    const { text, usage } = await judge.chat({
      messages: conversation,
      temperature: 0,
      maxTokens,
      schema: schemaFor(output),
      signal,
    });
    answer.replies.push(text);
    answer.usage = addUsage(answer.usage, usage);
    return text;
  };

  try {
    const first = await ask(messages);
    let judgement = readVerdict(answer.replies, question);
    if (!judgement.ok) judgement = await askOnceMore(question, { first, judgement, ask, answer });
    return { ...answer, judgement };
  } catch (error) {
    // One prompt that is too long for the judge must not end the run; a dead server must.
    if (!(error instanceof UserError) || error.code !== "prompt-refused") throw error;
    return { ...answer, judgement: { ok: false, reason: error.message } };
  }
}

/** Also for the second question: a server may hold the model to it, and the prompt asks for it in any case. */
function schemaFor(output: JudgeOutput): ReplySchema | undefined {
  return output === "structured" ? { name: "judgement", schema: judgementSchema() } : undefined;
}

interface FirstRound {
  first: string;
  judgement: Extract<ReadVerdict, { ok: false }>;
  ask: (conversation: readonly ChatMessage[]) => Promise<string>;
  answer: Pick<JudgeAnswer, "replies">;
}

async function askOnceMore(
  question: JudgeQuestion,
  { first, judgement: { reason, repeats }, ask, answer }: FirstRound,
): Promise<Judgement | UnreadableJudgement> {
  const { messages, responses, output } = question;
  const again = (request: string): Promise<string> => ask(withRequest(messages, first, request));
  const fault = `Your reply could not be used: ${reason}.`;
  if (output === "structured") {
    await again(`${fault} Reply once more, with one JSON object of the schema and nothing else.`);
    return readVerdict(answer.replies, question);
  }
  if (repeats) {
    const code = codeWordFor(messages);
    const second = await again(
      `${fault} ${textRequest(`${code} `)} Do not repeat anything from the responses.`,
    );
    return readMarkedVerdict(second, { code, numResponses: responses.length });
  }
  await again(`${fault} ${textRequest("")}`);
  const second = readVerdict(answer.replies, question);
  return second.ok ? withRemarks(second, first, responses) : second;
}

/** `mark` stands at the beginning of every line that counts. */
function textRequest(mark: string): string {
  return (
    `Reply once more, with these lines only: for each response that duplicates another, ` +
    `'${mark}Response k is a duplicate of Response j'; for each of the others, ` +
    `'${mark}Response k: [its overall score, 0 to ${HIGHEST_SCORE}]'; and last the line '${mark}rank: [...]' with the numbers of these ` +
    "others in decreasing order of their scores."
  );
}

function withRequest(messages: readonly ChatMessage[], reply: string, request: string): ChatMessage[] {
  if (reply.trim() !== "") {
    return [...messages, { role: "assistant", content: reply }, { role: "user", content: request }];
  }
  // Servers refuse an empty assistant turn, and many templates two user turns in a row.
  const question = messages.at(-1)!;
  return [...messages.slice(0, -1), { ...question, content: `${question.content}\n\n${request}` }];
}

function addUsage(sum: Usage | undefined, usage: Usage | undefined): Usage | undefined {
  if (sum === undefined || usage === undefined) return sum ?? usage;
  return {
    promptTokens: sum.promptTokens + usage.promptTokens,
    completionTokens: sum.completionTokens + usage.completionTokens,
  };
}

/** The second reply holds scores and ranks only; the reference and the kind stand in the first. */
function withRemarks(judgement: Judgement, first: string, responses: readonly string[]): Judgement {
  const label = responses.length;
  const reference = forgesReference(responses)
    ? undefined
    : findReference(first, { label, end: first.length });
  return {
    ...judgement,
    reference: judgement.reference ?? reference,
    kind: judgement.kind ?? findInstructionKind(first, label),
  };
}
