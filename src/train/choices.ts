/**
 * Rankings as choices among responses: the losses of the proxy ranking model, which the paper leaves open. Each term is the
 * negative log-likelihood of choosing one response among some, with probabilities softmax(values).
 */
import type { CandidateGroup } from "./objective.ts";

export const CHOICE_LOSSES = ["plackett-luce", "pairwise"] as const;
/**
 * `plackett-luce`: the ranking is built from the top, each response chosen among those that are left (ListMLE; Xia et al.,
 * 2008). Tied ones are each chosen among themselves and all below them (Breslow's approximation); the last level is no choice.
 * `pairwise`: every better response is chosen over every worse one (Bradley and Terry, 1952), on average over the pairs.
 */
export type ChoiceLoss = (typeof CHOICE_LOSSES)[number];

export interface Choice {
  /** Flat indices of sequences; the first is the one to choose. */
  readonly among: readonly number[];
  readonly weight: number;
}

/** One optimizer step: the sum of each example's terms, as a mean over the examples. */
export function planChoices(groups: readonly CandidateGroup[], loss: ChoiceLoss): Choice[] {
  let start = 0;
  return groups.flatMap((group) => {
    const ranked = group.flatMap(({ level }, index) =>
      level === undefined ? [] : [{ level, sequence: start + index }],
    );
    start += group.length;
    const choices = loss === "pairwise" ? pairs(ranked) : stages(ranked);
    const weight = 1 / (groups.length * (loss === "pairwise" ? choices.length : 1));
    return choices.map((among) => ({ among, weight }));
  });
}

interface Ranked {
  readonly level: number;
  readonly sequence: number;
}

function stages(ranked: readonly Ranked[]): number[][] {
  const last = Math.max(...ranked.map(({ level }) => level));
  return ranked
    .filter(({ level }) => level < last)
    .map((chosen) => {
      const rest = ranked.filter((other) => other !== chosen && other.level >= chosen.level);
      return [chosen, ...rest].map(({ sequence }) => sequence);
    });
}

function pairs(ranked: readonly Ranked[]): number[][] {
  return ranked.flatMap((better) =>
    ranked.filter(({ level }) => level > better.level).map((worse) => [better.sequence, worse.sequence]),
  );
}

/** The loss in float64, from a value for each sequence; the reference for the graph. */
export function evaluateChoices(choices: readonly Choice[], values: readonly number[]): number {
  return choices.reduce((sum, { among, weight }) => {
    const own = among.map((sequence) => values[sequence]!);
    const max = Math.max(...own);
    const normalizer = max + Math.log(own.reduce((total, value) => total + Math.exp(value - max), 0));
    return sum + weight * (normalizer - own[0]!);
  }, 0);
}
