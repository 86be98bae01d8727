/** What the graph of generation puts out, as what tokens are drawn from. */
import type { Value } from "../graph/index.ts";
import type { NextToken } from "./draw-token.ts";

/** The draws of what comes next. */
export interface Draws {
  /** Each with the row it draws from: that of a prompt, or of a sequence of the cache. */
  readonly each: readonly { readonly row: number; readonly quantile: number }[];
  /** Whether they need whole distributions, see `cutsOff`. */
  readonly whole: boolean;
}

const WHOLE = ["probabilities"];
const CHUNK = ["chunkProbabilities", "chunkFirst", "chunkBefore"];

/** The outputs that draws are made from. */
export function readFor({ whole }: Draws): string[] {
  return ["largest", "largestUntempered", ...(whole ? WHOLE : CHUNK)];
}

/** One of each draw. `tempered`: the rows whose temperature is not 1. */
export function nextTokens(
  outputs: ReadonlyMap<string, Value>,
  tempered: readonly number[],
  { each: draws, whole }: Draws,
): NextToken[] {
  const dataOf = (name: string): Float32Array => outputs.get(name)!.data as Float32Array;
  const largest = dataOf("largest");
  const untempered = largest.slice();
  for (const [index, row] of tempered.entries()) untempered[row] = dataOf("largestUntempered")[index]!;
  const partOf = whole ? wholeRows(dataOf, largest.length) : chunks(dataOf, draws.length);
  return draws.map(({ row, quantile }, draw) => ({
    ...partOf(whole ? row : draw),
    quantile,
    largest: largest[row]!,
    largestUntempered: untempered[row]!,
  }));
}

type Part = Pick<NextToken, "probabilities" | "first" | "before">;

function wholeRows(dataOf: (name: string) => Float32Array, count: number): (row: number) => Part {
  const rowOf = intoRows(dataOf("probabilities"), count);
  return (row) => ({ probabilities: rowOf(row), first: 0, before: 0 });
}

function chunks(dataOf: (name: string) => Float32Array, count: number): (draw: number) => Part {
  const rowOf = intoRows(dataOf("chunkProbabilities"), count);
  const [first, before] = [dataOf("chunkFirst"), dataOf("chunkBefore")];
  return (draw) => ({ probabilities: rowOf(draw), first: first[draw]!, before: before[draw]! });
}

function intoRows(data: Float32Array, count: number): (row: number) => Float32Array {
  const width = data.length / count;
  return (row) => data.subarray(row * width, (row + 1) * width);
}
