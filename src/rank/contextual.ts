/** Contextual ranking: a judge sees all responses to an instruction side by side, scores and ranks them. */
import type { RankedList, RankedResponse } from "../data/record.ts";
import { type ChatModel, mapConcurrently } from "../llm/index.ts";
import { randomStream } from "../random.ts";
import { type JudgeAnswer, askJudge } from "./ask-judge.ts";
import type { Judgement } from "./contextual-parse.ts";
import { type ContextualPromptStyle, contextualPrompt } from "./contextual-prompt.ts";
import { withRank } from "./ranks.ts";

export interface ContextualRankingOptions {
  lists: readonly RankedList[];
  judge: ChatModel;
  /** The prompt that a list's responses answered, ending in `### Response:`. */
  promptOf: (list: RankedList) => string;
  promptStyle?: ContextualPromptStyle | undefined;
  /** Of a judge's reply. Default 2048. */
  maxTokens?: number | undefined;
  /** Draws the order in which a list is shown from this seed, against the judge's bias for positions. */
  shuffleSeed?: number | undefined;
  /** Lists under judgement at once. Default 8. */
  concurrency?: number | undefined;
  onProgress?: ((progress: ContextualProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

export interface ContextualProgress {
  done: number;
  total: number;
  setAside: number;
}

/** A list that got no ranks, with everything the judge said about it. */
export interface SetAsideList {
  id: string;
  /** `duplicates`: there are not two responses to compare. `no-verdict`: the judge's replies cannot be used. */
  cause: "duplicates" | "no-verdict";
  reason: string;
  replies: string[];
}

export interface ContextualRanking {
  /** In the order of the input. */
  ranked: RankedList[];
  setAside: SetAsideList[];
}

/**
 * Ranks every list by the judge's verdict at temperature 0. Of exactly equal responses only the first is
 * shown; the others stay unranked, as do those that the judge drops as duplicates. A list with fewer than two
 * distinct responses is not sent, and one of which the judge keeps a single response has no pair to learn from.
 */
export async function rankContextually(options: ContextualRankingOptions): Promise<ContextualRanking> {
  const { lists, concurrency = 8, onProgress, signal } = options;
  const progress = { done: 0, total: lists.length, setAside: 0 };
  const judgeNext = async (list: RankedList): Promise<RankedList | SetAsideList> => {
    const outcome = await judgeList(list, options);
    progress.done++;
    if (!isRanked(outcome)) progress.setAside++;
    onProgress?.({ ...progress });
    return outcome;
  };
  const outcomes = await mapConcurrently(lists, judgeNext, { concurrency, signal });
  return {
    ranked: outcomes.filter((outcome) => isRanked(outcome)),
    setAside: outcomes.filter((outcome): outcome is SetAsideList => !isRanked(outcome)),
  };
}

function isRanked(outcome: RankedList | SetAsideList): outcome is RankedList {
  return "responses" in outcome;
}

async function judgeList(
  list: RankedList,
  options: ContextualRankingOptions,
): Promise<RankedList | SetAsideList> {
  const { judge, promptOf, promptStyle = "paper", maxTokens = 2048, shuffleSeed, signal } = options;
  const presented = presentationOrder(list, shuffleSeed);
  if (presented.length < 2) {
    return { id: list.id, cause: "duplicates", reason: "fewer than two distinct responses", replies: [] };
  }

  const responses = presented.map((index) => list.responses[index]!.text);
  const messages = contextualPrompt({ prompt: promptOf(list), responses, style: promptStyle });
  const answer = await askJudge({ judge, messages, numResponses: presented.length, maxTokens, signal });
  const { judgement, replies } = answer;
  if (!judgement.ok) return { id: list.id, cause: "no-verdict", reason: judgement.reason, replies };

  const ranked = rankedResponses(list, judgement, presented);
  if (ranked.filter(({ rank }) => rank !== undefined).length < 2) {
    return {
      id: list.id,
      cause: "duplicates",
      reason: "the judge finds one distinct response only",
      replies,
    };
  }
  return {
    ...list,
    responses: ranked,
    ranking: {
      method: "contextual",
      judge: judge.name,
      prompt: promptStyle,
      /** The responses in the order the judge saw them: its Response k is `responses[presented[k]]`. */
      presented,
      ...rankingRecord(answer, judgement, presented),
    },
  };
}

/** Indices of the distinct responses, first occurrences, in the order they are shown. */
function presentationOrder({ id, responses }: RankedList, shuffleSeed: number | undefined): number[] {
  const texts = responses.map((response) => response.text);
  const distinct = [...texts.keys()].filter((index) => texts.indexOf(texts[index]!) === index);
  return shuffleSeed === undefined
    ? distinct
    : randomStream(shuffleSeed, "contextual-presentation", id).shuffle(distinct);
}

/** Ranks in the judge's order, its own reference left out; neighbours of equal score share a rank. */
function rankedResponses(
  list: RankedList,
  { ranking, scores }: Judgement,
  presented: readonly number[],
): RankedResponse[] {
  const order = ranking.filter((label) => label < presented.length);
  const verdicts = new Map<number, { score: number | undefined; rank: number }>();
  let rank = 0;
  for (const [position, label] of order.entries()) {
    const score = scores.get(label);
    if (score === undefined || score !== scores.get(order[position - 1] ?? -1)) rank = position;
    verdicts.set(presented[label]!, { score, rank });
  }
  return list.responses.map((response, index) => withRank(response, verdicts.get(index)));
}

/** What the judge said and what it cost. Scores are filed under the responses' indices. */
function rankingRecord({ replies, usage }: JudgeAnswer, judgement: Judgement, presented: readonly number[]) {
  const { scores, reference, kind } = judgement;
  const byResponse = presented.flatMap((index, label) =>
    scores.has(label) ? [[index, scores.get(label)] as const] : [],
  );
  return {
    reply: replies.at(-1),
    ...(replies.length > 1 && { earlierReplies: replies.slice(0, -1) }),
    ...(reference !== undefined && { reference }),
    ...(kind !== undefined && { kind }),
    scores: Object.fromEntries(byResponse),
    ...(scores.has(presented.length) && { referenceScore: scores.get(presented.length) }),
    ...(usage !== undefined && { usage }),
  };
}
