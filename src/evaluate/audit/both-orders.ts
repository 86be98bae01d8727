/** Pairs of responses that a judge saw in both orders: what it said in each, and together. */
import { type ItemVerdict, type JudgedItem, verdictsOf } from "./judged-item.ts";

/** Of the first response against the second. */
export interface Outcomes {
  win: number;
  tie: number;
  lose: number;
}

export interface BothOrders {
  /** The group's name, or undefined for all pairs together. */
  group: string | undefined;
  pairs: number;
  /** Shown first. */
  order1: Outcomes;
  /** Shown second. */
  order2: Outcomes;
  /** More wins than losses over the two is a win, fewer a loss. */
  combined: Outcomes;
  /** The same outcome in both orders. */
  consistent: number;
  /** Whichever response stood first was preferred in both orders; and second. */
  alwaysFirst: number;
  alwaysSecond: number;
}

/** First all pairs, then each group where there are several. Empty where no pair was seen in both orders. */
export function bothOrders(items: readonly JudgedItem[], judge: string): BothOrders[] {
  const pairs = items.flatMap((item) => {
    const outcomes = outcomesOf(verdictsOf(item, judge));
    return outcomes === undefined ? [] : [{ group: item.group, ...outcomes }];
  });
  const groups = [...new Set(pairs.map(({ group }) => group))];
  if (pairs.length === 0) return [];
  const parts = groups.map((group) =>
    count(
      pairs.filter((pair) => pair.group === group),
      group,
    ),
  );
  return [count(pairs, undefined), ...(groups.length > 1 ? parts : [])];
}

/** 1, 0 or -1 for the first response, in each order. */
interface PairOutcomes {
  shownFirst: number;
  shownSecond: number;
}

function outcomesOf(verdicts: readonly ItemVerdict[]): PairOutcomes | undefined {
  const inOrder = (order: string): number | undefined => {
    const ranks = verdicts.find(
      (verdict) => verdict.ranks.length === 2 && verdict.order.join() === order,
    )?.ranks;
    const [first, second] = ranks ?? [];
    return first === undefined || second === undefined ? undefined : Math.sign(second - first);
  };
  const [shownFirst, shownSecond] = [inOrder("0,1"), inOrder("1,0")];
  return shownFirst === undefined || shownSecond === undefined ? undefined : { shownFirst, shownSecond };
}

function count(pairs: readonly PairOutcomes[], group: string | undefined): BothOrders {
  const outcomes = (of: (pair: PairOutcomes) => number): Outcomes => {
    const signs = pairs.map((pair) => Math.sign(of(pair)));
    const numOf = (sign: number): number => signs.filter((each) => each === sign).length;
    return { win: numOf(1), tie: numOf(0), lose: numOf(-1) };
  };
  return {
    group,
    pairs: pairs.length,
    order1: outcomes(({ shownFirst }) => shownFirst),
    order2: outcomes(({ shownSecond }) => shownSecond),
    combined: outcomes(({ shownFirst, shownSecond }) => shownFirst + shownSecond),
    consistent: pairs.filter(({ shownFirst, shownSecond }) => shownFirst === shownSecond).length,
    alwaysFirst: pairs.filter(({ shownFirst, shownSecond }) => shownFirst > 0 && shownSecond < 0).length,
    alwaysSecond: pairs.filter(({ shownFirst, shownSecond }) => shownFirst < 0 && shownSecond > 0).length,
  };
}
