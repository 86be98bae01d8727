/** How far a judge's ranks agree with those that people gave. */
import { cohenKappa, rankedByAll, relationsOf } from "./agreement.ts";
import { type Estimate, meanEstimate, statisticEstimate } from "../statistics/estimate.ts";
import { type JudgedItem, type Ranks, meanOf, meanRanks } from "./judged-item.ts";
import { kendallTauB, pairsOf, spearman } from "../statistics/rank-correlation.ts";
import type { HumanRanks } from "./read-human-ranks.ts";
import type { BootstrapOptions } from "../statistics/statistics.ts";

export interface HumanAgreement {
  /** Items that both ranked. */
  items: number;
  /** Within an item, of the judge's and the people's mean ranks. */
  spearman: Estimate | undefined;
  /** Over the responses of all items at once. */
  pooledSpearman: Estimate | undefined;
  tau: Estimate | undefined;
  /** Of pairs of responses, the share on which the judge says what most people say: better, worse, or a tie. */
  pairAccuracy: Estimate | undefined;
  /** On pairs that most people decide, a tie of the judge counting half. */
  decidedPairAccuracy: Estimate | undefined;
  /** Cohen's kappa of better, worse and tie, over all pairs. */
  kappa: Estimate | undefined;
  /** Pairs by what most people (row) and the judge (column) say of the first response: better, tie, worse. */
  confusion: number[][];
}

export function humanAgreement(
  items: readonly JudgedItem[],
  { human, rankingsOf }: { human: HumanRanks; rankingsOf: (item: JudgedItem) => readonly Ranks[] },
  options: BootstrapOptions,
): HumanAgreement | undefined {
  const compared = items.flatMap((item) => compareItem(rankingsOf(item), human.get(item.id) ?? []));
  if (compared.length === 0) return undefined;
  const mean = (of: (item: ComparedItem) => number | undefined): Estimate | undefined =>
    meanEstimate(compared.map(of), options);
  return {
    items: compared.length,
    spearman: mean(({ judge, people }) => spearman(judge, people)),
    pooledSpearman: statisticEstimate(
      compared,
      (drawn) =>
        spearman(
          drawn.flatMap(({ judge }) => judge),
          drawn.flatMap(({ people }) => people),
        ),
      options,
    ),
    tau: mean(({ judge, people }) => kendallTauB(judge, people)),
    pairAccuracy: mean(({ labels }) => meanOf(labels.map(([said, by]) => Number(said === by)))),
    decidedPairAccuracy: mean(({ labels }) =>
      meanOf(labels.filter(([said]) => said !== 0).map(([said, by]) => 1 - Math.abs(said - by) / 2)),
    ),
    kappa: statisticEstimate(compared, (drawn) => cohenKappa(drawn.flatMap(({ labels }) => labels)), options),
    confusion: [-1, 0, 1].map((row) => [-1, 0, 1].map((column) => countOf(compared, row, column))),
  };
}

/** How far the people agree with each other: all that a judge could be measured by. */
export interface AnnotatorAgreement {
  items: number;
  pairAccuracy: Estimate | undefined;
  /** The mean over pairs of people, in the order in which they stand in the file. */
  kappa: number | undefined;
}

export function annotatorAgreement(
  human: HumanRanks,
  options: BootstrapOptions,
): AnnotatorAgreement | undefined {
  const rated = [...human.values()].map(rankedByAll).filter((rankings) => rankings.length > 1);
  if (rated.length === 0) return undefined;
  const numPeople = Math.max(...rated.map((rankings) => rankings.length));
  const kappas = pairsOf(numPeople).flatMap(([i, j]) => {
    const labels = rated
      .filter((rankings) => rankings.length > j)
      .flatMap((rankings) => zip(relationsOf(rankings[i]!), relationsOf(rankings[j]!)));
    return cohenKappa(labels) ?? [];
  });
  const perItem = rated.map((rankings) =>
    meanOf(
      pairsOf(rankings.length)
        .flatMap(([i, j]) => zip(relationsOf(rankings[i]!), relationsOf(rankings[j]!)))
        .map(([first, second]) => Number(first === second)),
    ),
  );
  return { items: rated.length, pairAccuracy: meanEstimate(perItem, options), kappa: meanOf(kappas) };
}

interface ComparedItem {
  /** Mean ranks of the responses that both have ranked. */
  judge: number[];
  people: number[];
  /** Of each pair of them: what most people say of the first, and what the judge says. */
  labels: [number, number][];
}

function compareItem(rankings: readonly Ranks[], people: readonly Ranks[]): ComparedItem[] {
  if (rankings.length === 0 || people.length === 0) return [];
  const [judge, byPeople, ...each] = rankedByAll([meanRanks(rankings), meanRanks(people), ...people]);
  if (judge!.length < 2) return [];
  const votes = each.map(relationsOf);
  const labels = relationsOf(judge!).map((said, pair): [number, number] => [
    mostFrequent(votes.map((relations) => relations[pair]!)),
    said,
  ]);
  return [{ judge: judge!, people: byPeople!, labels }];
}

/** A tie where no relation has more votes than each other one. */
function mostFrequent(votes: readonly number[]): number {
  const numOf = (vote: number): number => votes.filter((each) => each === vote).length;
  const [most, next] = [-1, 0, 1].toSorted((a, b) => numOf(b) - numOf(a));
  return numOf(most!) > numOf(next!) ? most! : 0;
}

function countOf(items: readonly ComparedItem[], said: number, by: number): number {
  return items.flatMap(({ labels }) => labels).filter((label) => label[0] === said && label[1] === by).length;
}

function zip(first: readonly number[], second: readonly number[]): [number, number][] {
  return first.map((value, i) => [value, second[i]!]);
}
