/**
 * The two ways to keep N responses that are unlike one another. A selection says how many responses it lacks, is
 * offered that many newly drawn ones, and this again until it lacks none or its owner gives up.
 */
import { rougeL } from "../text/rouge.ts";

/** A drawn response. The caller's own fields (log-probability, token ids) travel with it. */
export interface Sample {
  text: string;
}

export interface Candidate<S extends Sample> {
  sample: S;
  tokens: readonly string[];
  /** At which it was drawn. */
  temperature: number;
}

export interface Selection<S extends Sample> {
  /** How many responses to draw next; 0 once all are unlike enough. */
  missing(): number;
  /** Takes as many candidates as are missing. */
  offer(candidates: readonly Candidate<S>[]): void;
  /** N candidates, the least similar where none was unlike enough. Asked for once, at the end. */
  kept(): Candidate<S>[];
}

/**
 * The paper's way: a response too similar to one already accepted is removed, and another is drawn in its place. Of a
 * similar pair the later response goes. Where every trial fails, the place keeps the least similar that was tried
 * there, the earliest among equals.
 */
export function selectResponses<S extends Sample>(count: number, threshold: number): Selection<S> {
  const places = Array.from({ length: count }, (): Place<S> => ({ response: undefined, tried: [] }));
  const open = (): Place<S>[] => places.filter(({ response }) => response === undefined);
  const responses = (): Candidate<S>[] => places.flatMap(({ response }) => response ?? []);
  return {
    missing: () => open().length,
    offer(candidates) {
      for (const [index, place] of open().entries()) {
        const candidate = candidates[index]!;
        place.tried.push(candidate);
        if (highestRouge(candidate, responses()) < threshold) place.response = candidate;
      }
    },
    kept() {
      for (const place of open()) place.response = leastSimilar(place.tried, responses());
      return responses();
    },
  };
}

/** One of the N responses to be, with all that was drawn for it. */
interface Place<S extends Sample> {
  response: Candidate<S> | undefined;
  tried: Candidate<S>[];
}

/**
 * The way of the authors' code: while any pair is too similar, all N are drawn again. Where every trial fails, the
 * group with the lowest maximum stays (their code compares means, and so may discard a group that passed).
 */
export function selectGroup<S extends Sample>(count: number, threshold: number): Selection<S> {
  let group: readonly Candidate<S>[] = [];
  let groupRouge = Infinity;
  return {
    missing: () => (groupRouge < threshold ? 0 : count),
    offer(candidates) {
      const rouge = Math.max(0, ...pairwiseRouge(candidates.map(({ tokens }) => tokens)));
      if (rouge >= groupRouge) return;
      group = candidates;
      groupRouge = rouge;
    },
    kept: () => [...group],
  };
}

/** The ROUGE-L F of each pair of tokenized texts: (0,1), (0,2), ..., (1,2), ... */
export function pairwiseRouge(texts: readonly (readonly string[])[]): number[] {
  return texts.flatMap((first, index) =>
    texts.slice(index + 1).map((second) => rougeL(first, second).fmeasure),
  );
}

function highestRouge<S extends Sample>(candidate: Candidate<S>, others: readonly Candidate<S>[]): number {
  return Math.max(0, ...others.map(({ tokens }) => rougeL(tokens, candidate.tokens).fmeasure));
}

function leastSimilar<S extends Sample>(
  tried: readonly Candidate<S>[],
  others: readonly Candidate<S>[],
): Candidate<S> {
  const rouge = tried.map((candidate) => highestRouge(candidate, others));
  return tried[rouge.indexOf(Math.min(...rouge))]!;
}
