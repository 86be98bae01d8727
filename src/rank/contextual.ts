/** Contextual ranking: a judge sees all responses to an instruction side by side, scores and ranks them. */
import type { RankedList, RankedResponse } from "../data/record.ts";
import { type ChatModel, mapConcurrently } from "../llm/index.ts";
import { type Aggregation, aggregateRanks } from "./aggregate.ts";
import { presentationOrders } from "./presentation.ts";
import type { ContextualPromptStyle, JudgeOutput } from "./ranking-request.ts";
import { withRank } from "./ranks.ts";
import { type UsableVerdict, type Verdict, askForVerdict, isUsable, repliesOf } from "./verdict.ts";

export interface ContextualRankingOptions {
  lists: readonly RankedList[];
  /** One, or several that are asked independently. */
  judge: ChatModel | readonly ChatModel[];
  /** The prompt that a list's responses answered, ending in `### Response:`. */
  promptOf: (list: RankedList) => string;
  promptStyle?: ContextualPromptStyle | undefined;
  /** The form of the judge's reply. Default `text`, Table 9's. */
  output?: JudgeOutput | undefined;
  /** In how many different orders each judge sees a list. Default 1. */
  permutations?: number | undefined;
  /** How several verdicts become one ranking. Default `mean-rank`. */
  aggregation?: Aggregation | undefined;
  /** Of a judge's reply. Default 2048. */
  maxTokens?: number | undefined;
  /** Draws the orders in which a list is shown. Without it the first is the list's own, as in the paper. */
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

/** A list that got no ranks, with everything the judges said about it. */
export interface SetAsideList {
  id: string;
  /** `duplicates`: there are not two responses to compare. `no-verdict`: the judges' replies cannot be used. */
  cause: "duplicates" | "no-verdict";
  /** The first judge's. */
  reason: string;
  replies: string[];
  /** Where there are several. */
  verdicts?: Verdict[];
}

export interface ContextualRanking {
  /** In the order of the input. */
  ranked: RankedList[];
  setAside: SetAsideList[];
}

/**
 * Ranks every list by the judges' verdicts at temperature 0. Of exactly equal responses only the first is
 * shown; the others stay unranked, as do those that the judges drop as duplicates. A list with fewer than two
 * distinct responses is not sent, and one of which the judges keep a single response has no pair to learn from. Where only
 * some of the verdicts can be read, those rank the list.
 */
export async function rankContextually(options: ContextualRankingOptions): Promise<ContextualRanking> {
  const { lists, concurrency = 8, onProgress, signal } = options;
  const progress = { done: 0, total: lists.length, setAside: 0 };
  const judgeNext = async (list: RankedList): Promise<RankedList | SetAsideList> => {
    const outcome = rankByVerdicts(list, await askJudges(list, options), options);
    progress.done++;
    if (!isRanked(outcome)) progress.setAside++;
    onProgress?.({ ...progress });
    return outcome;
  };
  const outcomes = await mapConcurrently(lists, judgeNext, { concurrency, signal, idOf: ({ id }) => id });
  return {
    ranked: outcomes.filter((outcome) => isRanked(outcome)),
    setAside: outcomes.filter((outcome): outcome is SetAsideList => !isRanked(outcome)),
  };
}

function isRanked(outcome: RankedList | SetAsideList): outcome is RankedList {
  return "responses" in outcome;
}

/** Every judge, in every order; none where there are not two responses to compare. */
async function askJudges(list: RankedList, options: ContextualRankingOptions): Promise<Verdict[]> {
  const { promptOf, promptStyle = "paper", output = "text", maxTokens = 2048, signal } = options;
  const { permutations = 1, shuffleSeed } = options;
  const texts = list.responses.map(({ text }) => text);
  const distinct = [...texts.keys()].filter((index) => texts.indexOf(texts[index]!) === index);
  if (distinct.length < 2) return [];
  const orders = presentationOrders(distinct, { permutations, seed: shuffleSeed, id: list.id });
  const judges = [options.judge].flat();
  const question = { list, prompt: promptOf(list), style: promptStyle, output, maxTokens, signal };
  const verdicts: Verdict[] = [];
  for (const [number, judge] of judges.entries()) {
    const name = recordedName(number, judges);
    for (const [permutation, presented] of orders.entries()) {
      verdicts.push(await askForVerdict({ ...question, judge, name, permutation, presented }));
    }
  }
  return verdicts;
}

/** Two servers may have a model of the same name. */
function recordedName(number: number, judges: readonly ChatModel[]): string {
  const { name } = judges[number]!;
  const earlier = judges.slice(0, number).filter((judge) => judge.name === name).length;
  return earlier === 0 ? name : `${name} (${earlier + 1})`;
}

function rankByVerdicts(
  list: RankedList,
  verdicts: Verdict[],
  { promptStyle = "paper", output = "text", aggregation = "mean-rank" }: ContextualRankingOptions,
): RankedList | SetAsideList {
  const usable = verdicts.filter((verdict) => isUsable(verdict));
  const aggregated = verdicts.length > 1;
  const responses = aggregated
    ? aggregatedResponses(list, usable, aggregation)
    : judgedResponses(list, usable);
  if (responses.filter(({ rank }) => rank !== undefined).length < 2) return setAside(list, verdicts);
  return {
    ...list,
    responses,
    ranking: {
      method: "contextual",
      prompt: promptStyle,
      ...(output === "structured" && { output }),
      ...(aggregated && { aggregate: aggregation }),
      verdicts,
    },
  };
}

/** One verdict is the ranking. */
function judgedResponses(list: RankedList, [verdict]: readonly UsableVerdict[]): RankedResponse[] {
  return list.responses.map((response, index) =>
    withRank(response, { score: verdict?.scores[index], rank: verdict?.ranks[index] }),
  );
}

function aggregatedResponses(
  list: RankedList,
  verdicts: readonly UsableVerdict[],
  aggregation: Aggregation,
): RankedResponse[] {
  const ranks = verdicts.map((verdict) => list.responses.map((_, index) => verdict.ranks[index]));
  const aggregated = aggregateRanks(ranks, aggregation);
  return list.responses.map((response, index) => withRank(response, aggregated[index]));
}

function setAside({ id }: RankedList, verdicts: Verdict[]): SetAsideList {
  const failures = verdicts.flatMap((verdict) => (isUsable(verdict) ? [] : [verdict.failure]));
  const isWithoutVerdict = verdicts.length > 0 && failures.length === verdicts.length;
  const reason =
    verdicts.length === 0
      ? "fewer than two distinct responses"
      : "the judge finds one distinct response only";
  return {
    id,
    cause: isWithoutVerdict ? "no-verdict" : "duplicates",
    reason: isWithoutVerdict ? failures[0]! : reason,
    replies: verdicts.flatMap(repliesOf),
    ...(verdicts.length > 1 && { verdicts }),
  };
}
