/** Whether a judge ranks the responses of its own model higher than others rank them. */
import { type Estimate, meanEstimate } from "../statistics/estimate.ts";
import { type JudgedItem, type Ranks, meanOf, meanRanks } from "./judged-item.ts";
import type { BootstrapOptions } from "../statistics/statistics.ts";

export interface SelfPreference {
  /** By how many ranks the judge puts its own responses above others. Its own may be better. */
  advantage: Estimate;
  /** The same by those that it is compared with: other judges, or people where there is no other judge. */
  advantageByOthers: Estimate | undefined;
  /** The first less the second, item by item: what the judge adds. */
  preference: Estimate | undefined;
}

export interface SelfPreferenceData {
  items: readonly JudgedItem[];
  judge: string;
  /** Their own responses are left out where there are responses of no judge to compare with: another's self-preference moves them. */
  otherJudges: readonly string[];
  /** The item's rankings by this judge, and by those to compare with. */
  rankingsOf: (item: JudgedItem) => { own: readonly Ranks[]; others: readonly Ranks[] };
}

/** Undefined where no item has both responses of the judge's own model and of others. */
export function selfPreference(
  { items, judge, otherJudges, rankingsOf }: SelfPreferenceData,
  options: BootstrapOptions,
): SelfPreference | undefined {
  const perItem = items.map((item) => {
    const responses = Array.from({ length: item.numResponses }, (_, response) => response);
    const isFrom = (name: string) => (response: number) => isSameModel(item.sources?.[response], name);
    const mine = responses.filter(isFrom(judge));
    const rest = responses.filter((response) => !mine.includes(response));
    const neutral = rest.filter((response) => !otherJudges.some((other) => isFrom(other)(response)));
    const compared = { mine, rest: neutral.length > 0 ? neutral : rest };
    const { own, others } = rankingsOf(item);
    const [byJudge, byOthers] = [advantageOf(compared, own), advantageOf(compared, others)];
    const both = byJudge !== undefined && byOthers !== undefined;
    return { byJudge, byOthers, difference: both ? byJudge - byOthers : undefined };
  });
  const advantage = meanEstimate(
    perItem.map(({ byJudge }) => byJudge),
    options,
  );
  return (
    advantage && {
      advantage,
      advantageByOthers: meanEstimate(
        perItem.map(({ byOthers }) => byOthers),
        options,
      ),
      preference: meanEstimate(
        perItem.map(({ difference }) => difference),
        options,
      ),
    }
  );
}

/** Sources are written `teacher:gpt-4.1` or `URL#gpt-4.1`. */
function isSameModel(source: string | undefined, judge: string): boolean {
  const nameOf = (text: string): string =>
    text
      .replace(/^.*[:#]/, "")
      .trim()
      .toLowerCase();
  return source !== undefined && nameOf(source) === nameOf(judge);
}

function advantageOf(
  { mine, rest }: { mine: readonly number[]; rest: readonly number[] },
  rankings: readonly Ranks[],
): number | undefined {
  const ranks = meanRanks(rankings);
  const meanRankOf = (responses: readonly number[]): number | undefined =>
    meanOf(responses.flatMap((response) => ranks[response] ?? []));
  const [own, others] = [meanRankOf(mine), meanRankOf(rest)];
  return own === undefined || others === undefined ? undefined : others - own;
}
