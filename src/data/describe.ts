/** What a data set holds, row by row in flat memory; lengths by rank as in the paper's Table 4. */
import { exactKey, shortKey } from "./instruction-key.ts";
import { type Row, isList } from "./read-rows.ts";
import type { RankedList } from "./record.ts";
import { type Mean, RunningMean } from "./running-mean.ts";

/** How long a text is, in one unit. */
export type LengthOf = (text: string) => number;

export interface Lengths {
  readonly instruction: Mean;
  readonly input: Mean;
  readonly original: Mean;
  readonly responses: Mean;
  /** At 0 of the best responses. Ties share a rank, so that the ranks below have fewer. */
  readonly byRank: readonly Mean[];
}

export interface Description {
  readonly rows: number;
  readonly lists: number;
  readonly withOriginal: number;
  readonly withInput: number;
  readonly responses: number;
  /** By number of responses, the number of lists. */
  readonly responsesPerList: Readonly<Record<string, number>>;
  readonly unranked: number;
  /** Lists in which responses share a rank. */
  readonly withTies: number;
  /** Rows whose instruction and input an earlier row had; rows whose id one had; responses equal to another of their list. */
  readonly duplicates: { readonly instructions: number; readonly ids: number; readonly responses: number };
  /** Responses by source, and lists by the method of their ranking. */
  readonly sources: Readonly<Record<string, number>>;
  readonly rankings: Readonly<Record<string, number>>;
  /** By unit. */
  readonly lengths: Readonly<Record<string, Lengths>>;
}

export function wordsIn(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}

/** `units`: how to measure, by unit. */
export async function describeRows(
  rows: AsyncIterable<Row>,
  units: Readonly<Record<string, LengthOf>>,
): Promise<Description> {
  const counts = { rows: 0, lists: 0, withOriginal: 0, withInput: 0, responses: 0, unranked: 0, withTies: 0 };
  const tallies = { responsesPerList: new Tally(), sources: new Tally(), rankings: new Tally() };
  const [instructions, ids] = [new Repeats(), new Repeats()];
  const meters = Object.entries(units).map(([unit, lengthOf]) => [unit, new Meter(lengthOf)] as const);
  let repeatedResponses = 0;
  for await (const row of rows) {
    counts.rows++;
    if (row.input !== "") counts.withInput++;
    if (originalOf(row) !== undefined) counts.withOriginal++;
    instructions.add(exactKey(row));
    ids.add(row.id!);
    for (const [, meter] of meters) meter.add(row);
    if (!isList(row)) continue;
    const ranks = row.responses.flatMap(({ rank }) => (rank === undefined ? [] : [rank]));
    counts.lists++;
    counts.responses += row.responses.length;
    counts.unranked += row.responses.length - ranks.length;
    if (new Set(ranks).size < ranks.length) counts.withTies++;
    repeatedResponses += row.responses.length - new Set(row.responses.map(({ text }) => text)).size;
    tallies.responsesPerList.add(String(row.responses.length));
    for (const { source } of row.responses) if (source !== undefined) tallies.sources.add(source);
    if (row.ranking !== undefined) tallies.rankings.add(row.ranking.method);
  }
  const duplicates = { instructions: instructions.count, ids: ids.count, responses: repeatedResponses };
  const { responsesPerList, sources, rankings } = tallies;
  return {
    ...counts,
    duplicates,
    responsesPerList: responsesPerList.counts(),
    sources: sources.counts(),
    rankings: rankings.counts(),
    lengths: Object.fromEntries(meters.map(([unit, meter]) => [unit, meter.lengths()])),
  };
}

function originalOf(row: Row): string | undefined {
  return isList(row) ? row.original : row.output;
}

class Tally {
  readonly #counts = new Map<string, number>();

  add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  counts(): Record<string, number> {
    return Object.fromEntries(
      [...this.#counts].toSorted(([a], [b]) => a.localeCompare(b, "en", { numeric: true })),
    );
  }
}

/** Counts what was there before. */
class Repeats {
  readonly #seen = new Set<string>();
  count = 0;

  add(key: string): void {
    const short = shortKey(key);
    if (this.#seen.has(short)) this.count++;
    this.#seen.add(short);
  }
}

/** The lengths of all texts in one unit. */
class Meter {
  readonly #lengthOf: LengthOf;
  readonly #instruction = new RunningMean();
  readonly #input = new RunningMean();
  readonly #original = new RunningMean();
  readonly #responses = new RunningMean();
  readonly #byRank: RunningMean[] = [];

  constructor(lengthOf: LengthOf) {
    this.#lengthOf = lengthOf;
  }

  add(row: Row): void {
    const original = originalOf(row);
    this.#instruction.add(this.#lengthOf(row.instruction));
    if (row.input !== "") this.#input.add(this.#lengthOf(row.input));
    if (original !== undefined) this.#original.add(this.#lengthOf(original));
    if (isList(row)) this.#addResponses(row);
  }

  lengths(): Lengths {
    return {
      instruction: this.#instruction.mean(),
      input: this.#input.mean(),
      original: this.#original.mean(),
      responses: this.#responses.mean(),
      byRank: this.#byRank.map((mean) => mean.mean()),
    };
  }

  #addResponses({ responses }: RankedList): void {
    for (const { text, rank } of responses) {
      const length = this.#lengthOf(text);
      this.#responses.add(length);
      if (rank === undefined) continue;
      while (this.#byRank.length <= rank) this.#byRank.push(new RunningMean());
      this.#byRank[rank]!.add(length);
    }
  }
}
