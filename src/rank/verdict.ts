/** One judge's verdict on one list in one order, as the record keeps it: all that an audit needs. */
import type { RankedList } from "../data/record.ts";
import type { ChatModel } from "../llm/index.ts";
import { type JudgeAnswer, askJudge } from "./ask-judge.ts";
import { contextualPrompt, isQuoted } from "./contextual-prompt.ts";
import type { Judgement } from "./judgement.ts";
import type { ContextualPromptStyle, JudgeOutput } from "./ranking-request.ts";

/** Which verdict it is. Keys of `ranks` and `scores` are indices of the list's responses. */
interface VerdictPlace {
  judge: string;
  /** From 0. */
  permutation: number;
  /** The responses in the order the judge saw them: its Response k is `responses[presented[k]]`. */
  presented: readonly number[];
  /** Set where every line of the responses was marked. */
  quoted?: true;
}

export interface UsableVerdict extends VerdictPlace {
  /** 0 is best, equal for ties; without the responses that the judge dropped. */
  ranks: Readonly<Record<number, number>>;
  scores: Readonly<Record<number, number>>;
  reply: string;
  earlierReplies?: readonly string[];
  reference?: string;
  referenceScore?: number;
  kind?: "open" | "closed";
  usage?: JudgeAnswer["usage"];
}

export interface FailedVerdict extends VerdictPlace {
  failure: string;
  replies: readonly string[];
}

export type Verdict = UsableVerdict | FailedVerdict;

export interface VerdictQuestion {
  list: RankedList;
  prompt: string;
  judge: ChatModel;
  /** The judge's name in the record. */
  name: string;
  permutation: number;
  presented: readonly number[];
  style: ContextualPromptStyle;
  output: JudgeOutput;
  maxTokens: number;
  signal?: AbortSignal | undefined;
}

export async function askForVerdict(question: VerdictQuestion): Promise<Verdict> {
  const { list, prompt, judge, name, permutation, presented, style, output, maxTokens, signal } = question;
  const responses = presented.map((index) => list.responses[index]!.text);
  const messages = contextualPrompt({ prompt, responses, style, output });
  const answer = await askJudge({ judge, messages, responses, output, maxTokens, signal });
  const quoted = isQuoted({ responses, style, output });
  const place = { judge: name, permutation, presented, ...(quoted && { quoted }) } as const;
  const { judgement, replies } = answer;
  if (!judgement.ok) return { ...place, failure: judgement.reason, replies };
  return {
    ...place,
    ranks: ranksByResponse(judgement, presented),
    ...whatWasSaid(answer, judgement, presented),
  };
}

export function isUsable(verdict: Verdict): verdict is UsableVerdict {
  return "ranks" in verdict;
}

export function repliesOf(verdict: Verdict): readonly string[] {
  return isUsable(verdict) ? [...(verdict.earlierReplies ?? []), verdict.reply] : verdict.replies;
}

/** In the judge's order, its own reference left out; neighbours of equal score share a rank. */
function ranksByResponse({ ranking, scores }: Judgement, presented: readonly number[]) {
  const order = ranking.filter((label) => label < presented.length);
  const ranks: Record<number, number> = {};
  let rank = 0;
  for (const [position, label] of order.entries()) {
    const score = scores.get(label);
    if (score === undefined || score !== scores.get(order[position - 1] ?? -1)) rank = position;
    ranks[presented[label]!] = rank;
  }
  return ranks;
}

/** What the judge said and what it cost. */
function whatWasSaid({ replies, usage }: JudgeAnswer, judgement: Judgement, presented: readonly number[]) {
  const { scores, reference, kind } = judgement;
  const byResponse = presented.flatMap((index, label) =>
    scores.has(label) ? [[index, scores.get(label)!] as const] : [],
  );
  const referenceScore = scores.get(presented.length);
  return {
    reply: replies.at(-1)!,
    ...(replies.length > 1 && { earlierReplies: replies.slice(0, -1) }),
    ...(reference !== undefined && { reference }),
    ...(kind !== undefined && { kind }),
    scores: Object.fromEntries(byResponse) as Record<number, number>,
    ...(referenceScore !== undefined && { referenceScore }),
    ...(usage !== undefined && { usage }),
  };
}
