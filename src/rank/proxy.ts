/** Proxy ranking: responses ordered by the scores that a ranking model gives them. */
import type { RankedList } from "../data/record.ts";
import { ranksOf, withRank } from "./ranks.ts";

/** `scores`: one for each response of the list; undefined leaves all of them unranked. */
export function rankByProxy(
  list: RankedList,
  scores: readonly number[] | undefined,
  { model }: { model: string },
): RankedList {
  const ranks = scores && ranksOf(scores);
  const responses = list.responses.map((response, index) =>
    withRank(response, scores && { score: scores[index], rank: ranks![index] }),
  );
  return { ...list, responses, ranking: { method: "proxy", model } };
}
