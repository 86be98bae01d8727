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

/** The outputs that these draws are made from. */
export function outputsFor({ whole }: Draws): string[] {
  return ["largest", "largestUntempered", ...(whole ? WHOLE : CHUNK)];
}

type Values = ReadonlyMap<string, Value>;

/** One of each draw. `tempered`: the rows whose temperature is not 1. */
export function nextTokens(
  outputs: Values,
  { tempered, draws: { each: draws, whole } }: { tempered: readonly number[]; draws: Draws },
): NextToken[] {
  const largest = outputs.get("largest")!.data;
  const untempered = largest.slice();
  for (const [index, row] of tempered.entries())
    untempered[row] = outputs.get("largestUntempered")!.data[index]!;
  const partOf = whole ? wholeRows(outputs, largest.length) : chunks(outputs, draws.length);
  return draws.map(({ row, quantile }, draw) => ({
    ...partOf(whole ? row : draw),
    quantile,
    largest: largest[row]!,
    largestUntempered: untempered[row]!,
  }));
}

type Part = Pick<NextToken, "probabilities" | "first" | "before">;

function wholeRows(outputs: Values, count: number): (row: number) => Part {
  const rowOf = intoRows(outputs.get("probabilities")!, count);
  return (row) => ({ probabilities: rowOf(row), first: 0, before: 0 });
}

function chunks(outputs: Values, count: number): (draw: number) => Part {
  const rowOf = intoRows(outputs.get("chunkProbabilities")!, count);
  const [first, before] = [outputs.get("chunkFirst")!.data, outputs.get("chunkBefore")!.data];
  return (draw) => ({ probabilities: rowOf(draw), first: first[draw]!, before: before[draw]! });
}

function intoRows({ data }: Value, count: number): (row: number) => Float32Array {
  const width = data.length / count;
  return (row) => (data as Float32Array).subarray(row * width, (row + 1) * width);
}
