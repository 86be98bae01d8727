/** Reads the judge's replies to one question, first and second, knowing the responses that they are about. */
import { createHash } from "node:crypto";
import type { ChatMessage } from "../llm/index.ts";
import { parseJudgement } from "./contextual-parse.ts";
import { repeatsVerdict } from "./echoes.ts";
import { unexplainedOmissions } from "./judged-omissions.ts";
import { forgesReference } from "./judged-reference.ts";
import type { Judgement, UnreadableJudgement } from "./judgement.ts";
import type { JudgeOutput } from "./ranking-request.ts";
import { parseStructuredJudgement } from "./structured-judgement.ts";

export interface VerdictContext {
  responses: readonly string[];
  output: JudgeOutput;
}

export type ReadVerdict = Judgement | (UnreadableJudgement & { repeats?: boolean });

/** `replies`: all so far; the last one's verdict counts, and what an earlier one says about duplicates still holds. */
export function readVerdict(replies: readonly string[], { responses, output }: VerdictContext): ReadVerdict {
  const last = replies.at(-1)!;
  if (output === "structured") return parseStructuredJudgement(last, responses);
  if (repeatsVerdict(last, responses)) {
    return { ok: false, reason: REPEATS, repeats: true };
  }
  const judgement = explained(parseJudgement(last, responses.length), replies.join("\n"), responses.length);
  return judgement.ok && forgesReference(responses) ? { ...judgement, reference: undefined } : judgement;
}

const REPEATS =
  "a rank list, a score or a remark on duplicates in it also stands in a response, so that nobody can tell whose it is";

/** Only the lines that begin with the code word, which no response holds. */
export function readMarkedVerdict(
  reply: string,
  { code, numResponses }: { code: string; numResponses: number },
): ReadVerdict {
  const marked = reply
    .split(/\r?\n/)
    .map((line) => line.replace(/^[^\p{L}\p{N}]+/u, ""))
    .flatMap((line) => (line.startsWith(code) ? [line.slice(code.length).trim()] : []))
    .join("\n");
  return explained(parseJudgement(marked, numResponses), marked, numResponses);
}

/** Depends on the whole question: who wrote one of the responses cannot have known it. */
export function codeWordFor(messages: readonly ChatMessage[]): string {
  const question = JSON.stringify(messages.map(({ role, content }) => [role, content]));
  return createHash("sha256").update(question).digest("hex").slice(0, 12);
}

function explained(judgement: ReadVerdict, text: string, numResponses: number): ReadVerdict {
  if (!judgement.ok) return judgement;
  const missing = unexplainedOmissions(judgement, { text, numResponses });
  if (missing.length === 0) return judgement;
  const reason = `the rank list leaves out Response ${missing.join(", ")}, and nothing says that it is a duplicate`;
  return { ok: false, reason };
}
