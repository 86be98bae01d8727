/** An exact interpreter of graphs in float64: slow, plain, and the reference that every op's lowering is tested against. */
import { nodesInOrder } from "../../src/graph/differentiate.ts";
import type { ConstantAttributes, LeafAttributes } from "../../src/graph/ops/leaves.ts";
import type { MatmulAttributes } from "../../src/graph/ops/matmul.ts";
import type { RotaryAngleAttributes } from "../../src/graph/ops/rotary-angles.ts";
import type { RotaryAttributes } from "../../src/graph/ops/rotary.ts";
import { type CausalBiasAttributes, UNSEEN_BIAS } from "../../src/graph/ops/causal-bias.ts";
import type { SliceAttributes } from "../../src/graph/ops/slice.ts";
import type { Shape } from "../../src/graph/shape.ts";
import type { GraphNode, Tensor } from "../../src/graph/tensor.ts";

export interface Exact {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

type Rule = (inputs: readonly Exact[], node: GraphNode, symbols: Symbols) => readonly Exact[];
/** What the symbols in shapes stand for. */
type Symbols = ReadonlyMap<string, number>;

export function interpret(outputs: readonly Tensor[], feeds: ReadonlyMap<string, Exact>): Exact[] {
  const values = new Map<GraphNode, readonly Exact[]>();
  const nodes = nodesInOrder(outputs);
  const symbols = bindSymbols(nodes, feeds);
  for (const node of nodes) {
    const inputs = node.inputs.map((input) => values.get(input.node)![input.output]!);
    values.set(node, isLeaf(node) ? [leafValue(node, feeds)] : rules[node.op.name]!(inputs, node, symbols));
  }
  return outputs.map((output) => values.get(output.node)![output.output]!);
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

function isLeaf(node: GraphNode): boolean {
  return node.op.name === "input" || node.op.name === "parameter";
}

function leafValue(node: GraphNode, feeds: ReadonlyMap<string, Exact>): Exact {
  return feeds.get((node.attributes as LeafAttributes).name)!;
}

function bindSymbols(nodes: readonly GraphNode[], feeds: ReadonlyMap<string, Exact>): Symbols {
  return new Map(
    nodes.filter(isLeaf).flatMap((node) => {
      const { shape } = node.attributes as LeafAttributes;
      return shape.map(
        (dimension, axis) => [String(dimension), leafValue(node, feeds).shape[axis]!] as const,
      );
    }),
  );
}

/** Dimensions are numbers or sums of products of symbols. */
function lengthsOf(shape: Shape, symbols: Symbols): number[] {
  const factor = (text: string): number => symbols.get(text) ?? Number(text);
  const term = (text: string): number => text.split("*").reduce((product, each) => product * factor(each), 1);
  return shape.map((dimension) =>
    String(dimension)
      .split("+")
      .reduce((sum, each) => sum + term(each), 0),
  );
}

function indexOf(flat: number, shape: readonly number[]): number[] {
  const index = shape.map(() => 0);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = flat % shape[axis]!;
    flat = Math.floor(flat / shape[axis]!);
  }
  return index;
}

/** Reads with broadcasting: axes are aligned at the end, and an axis of length 1 serves every index. */
function read(x: Exact, index: readonly number[]): number {
  let flat = 0;
  for (const [axis, length] of x.shape.entries()) {
    const position = index[index.length - x.shape.length + axis]!;
    flat = flat * length + (length === 1 ? 0 : position);
  }
  return x.data[flat]!;
}

function generate(shape: readonly number[], value: (index: number[]) => number): Exact {
  return {
    shape,
    data: Float64Array.from({ length: sizeOf(shape) }, (_, flat) => value(indexOf(flat, shape))),
  };
}

function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) =>
    Math.max(a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1),
  );
}

function elementwise(combine: (left: number, right: number) => number): Rule {
  return ([a, b]) => [
    generate(broadcastShape(a!.shape, b!.shape), (index) => combine(read(a!, index), read(b!, index))),
  ];
}

function unary(map: (value: number) => number): Rule {
  return ([x]) => [{ shape: x!.shape, data: x!.data.map(map) }];
}

function rowsOf(x: Exact): Float64Array[] {
  const width = x.shape.at(-1)!;
  return Array.from({ length: x.data.length / width }, (_, row) =>
    x.data.subarray(row * width, (row + 1) * width),
  );
}

function softmaxRow(row: Float64Array): Float64Array {
  const max = Math.max(...row);
  const powers = row.map((value) => Math.exp(value - max));
  const total = powers.reduce((sum, value) => sum + value, 0);
  return powers.map((value) => value / total);
}

/** By definition: the token at which the sum passes the quantile, and the chunk that holds it; zeros after the last token. */
function chunkAt(
  row: Float64Array,
  { quantile, width }: { quantile: number; width: number },
): { probabilities: number[]; first: number; before: number } {
  const sumBefore = (id: number): number => row.slice(0, id).reduce((sum, value) => sum + value, 0);
  const threshold = Math.min(quantile, (1 - 2 ** -23) * sumBefore(row.length));
  const id =
    quantile < 0
      ? row.indexOf(Math.max(...row))
      : row.findIndex((_, index) => sumBefore(index + 1) > threshold);
  const first = width * Math.floor(id / width);
  const probabilities = Array.from({ length: width }, (_, index) => row[first + index] ?? 0);
  return { probabilities, first, before: quantile < 0 ? 0 : sumBefore(first) };
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, index) => sum + value * b[index]!, 0);
}

const rules: Readonly<Record<string, Rule>> = {
  constant: (_, node) => {
    const { shape, values } = node.attributes as ConstantAttributes;
    return [{ shape, data: Float64Array.from(values) }];
  },
  add: elementwise((a, b) => a + b),
  subtract: elementwise((a, b) => a - b),
  multiply: elementwise((a, b) => a * b),
  divide: elementwise((a, b) => a / b),
  squareRoot: unary(Math.sqrt),
  relu: unary((x) => Math.max(0, x)),
  step: unary((x) => (x > 0 ? 1 : 0)),
  sigmoid: unary((x) => 1 / (1 + Math.exp(-x))),
  gelu: unary((x) => (x * (1 + errorFunction(x / Math.SQRT2))) / 2),
  after: ([x]) => [x!],
  slice: ([x], node, symbols) => {
    const { offset, length } = node.attributes as SliceAttributes;
    const [count] = lengthsOf([length], symbols) as [number];
    return [{ shape: [count], data: x!.data.slice(offset, offset + count) }];
  },
  logSoftmax: ([x]) => [
    {
      shape: x!.shape,
      data: Float64Array.from(
        rowsOf(x!).flatMap((row) => [...softmaxRow(row)]),
        Math.log,
      ),
    },
  ],
  rowMax: ([x]) => [
    {
      shape: [...x!.shape.slice(0, -1), 1],
      data: Float64Array.from(rowsOf(x!), (row) => Math.max(...row)),
    },
  ],
  quantileChunk: ([probabilities, rows, quantiles], node) => {
    const width = node.outputs[0]!.shape[1] as number;
    const chunks = [...rows!.data].map((row, draw) =>
      chunkAt(rowsOf(probabilities!)[row]!, { quantile: quantiles!.data[draw]!, width }),
    );
    const vector = (of: (chunk: (typeof chunks)[number]) => number): Exact => ({
      shape: rows!.shape,
      data: Float64Array.from(chunks, of),
    });
    return [
      {
        shape: [chunks.length, width],
        data: Float64Array.from(chunks.flatMap(({ probabilities: chunk }) => chunk)),
      },
      vector(({ first }) => first),
      vector(({ before }) => before),
    ];
  },
  softmax: ([x]) => [
    { shape: x!.shape, data: Float64Array.from(rowsOf(x!).flatMap((row) => [...softmaxRow(row)])) },
  ],
  reduceSum: ([x], node) => {
    const { axes } = node.attributes as { axes: number[] };
    const shape = x!.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
    const result = generate(shape, () => 0);
    for (const [flat, value] of x!.data.entries()) {
      const index = indexOf(flat, x!.shape).map((position, axis) => (axes.includes(axis) ? 0 : position));
      const target = index.reduce((sum, position, axis) => sum * shape[axis]! + position, 0);
      result.data[target]! += value;
    }
    return [result];
  },
  expand: ([x], node, symbols) => {
    const { shape } = node.attributes as { shape: Shape };
    return [generate(lengthsOf(shape, symbols), (index) => read(x!, index))];
  },
  reshape: ([x], node, symbols) => {
    const { shape } = node.attributes as { shape: Shape };
    return [{ shape: lengthsOf(shape, symbols), data: x!.data }];
  },
  transpose: ([x], node) => {
    const { permutation } = node.attributes as { permutation: number[] };
    const shape = permutation.map((axis) => x!.shape[axis]!);
    return [
      generate(shape, (index) =>
        read(
          x!,
          permutation.map((_, axis) => index[permutation.indexOf(axis)]!),
        ),
      ),
    ];
  },
  concat: (inputs, node) => {
    const { axis } = node.attributes as { axis: number };
    const shape = [...inputs[0]!.shape];
    shape[axis] = inputs.reduce((sum, each) => sum + each.shape[axis]!, 0);
    return [
      generate(shape, (index) => {
        let [part, offset] = [0, index[axis]!];
        while (offset >= inputs[part]!.shape[axis]!) offset -= inputs[part++]!.shape[axis]!;
        return read(inputs[part]!, index.with(axis, offset));
      }),
    ];
  },
  splitLike: ([x, ...likes], node) => {
    const { axis } = node.attributes as { axis: number };
    let start = 0;
    return likes.map((like) => {
      const from = start;
      start += like.shape[axis]!;
      return generate(x!.shape.with(axis, like.shape[axis]!), (index) =>
        read(x!, index.with(axis, index[axis]! + from)),
      );
    });
  },
  matmul: ([a, given], node) => {
    const { transposeLeft, transposeRight, rightRowsFirst, scale } = node.attributes as MatmulAttributes;
    const b = rightRowsFirst ? firstAxisToSecondLast(given!) : given;
    const [rows, inner] = transposeLeft ? a!.shape.slice(-2).toReversed() : a!.shape.slice(-2);
    const columns = b!.shape.at(transposeRight ? -2 : -1)!;
    const batch = broadcastShape(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
    return [
      generate([...batch, rows!, columns], (index) => {
        const [row, column] = index.slice(-2) as [number, number];
        const outer = index.slice(0, -2);
        let total = 0;
        for (let k = 0; k < inner!; k++) {
          const left = read(a!, [...outer, ...(transposeLeft ? [k, row] : [row, k])]);
          total += left * read(b!, [...outer, ...(transposeRight ? [column, k] : [k, column])]);
        }
        return total * scale;
      }),
    ];
  },
  rotaryAngles: ([positions], node) => {
    const { frequencies } = node.attributes as RotaryAngleAttributes;
    const waves = (wave: (angle: number) => number): Exact =>
      generate([positions!.data.length, frequencies.length], ([token, pair]) =>
        wave(positions!.data[token!]! * frequencies[pair!]!),
      );
    return [waves(Math.cos), waves(Math.sin)];
  },
  rotary: ([x, cosines, sines], node) => {
    const { size } = node.attributes as RotaryAttributes;
    const half = cosines!.shape[1]!;
    return [
      generate(x!.shape, ([token, feature]) => {
        const inHead = feature! % size;
        if (inHead >= 2 * half) return read(x!, [token!, feature!]);
        const at = [token!, inHead % half];
        const isFirst = inHead < half;
        const partner = read(x!, [token!, isFirst ? feature! + half : feature! - half]);
        return (
          read(x!, [token!, feature!]) * read(cosines!, at) + (isFirst ? -1 : 1) * partner * read(sines!, at)
        );
      }),
    ];
  },
  lookup: ([table, indices]) => [
    generate([...indices!.shape, table!.shape[1]!], (index) =>
      read(table!, [read(indices!, index.slice(0, -1)), index.at(-1)!]),
    ),
  ],
  scatterAddRows: ([like, indices, updates]) => {
    const result = generate(like!.shape, () => 0);
    const width = like!.shape[1]!;
    for (const [row, target] of indices!.data.entries()) {
      for (let column = 0; column < width; column++) {
        result.data[target * width + column]! += updates!.data[row * width + column]!;
      }
    }
    return [result];
  },
  gatherRows: ([x, index]) => [
    generate([...index!.shape, ...x!.shape.slice(1)], (position) => {
      const row = read(index!, position.slice(0, index!.shape.length));
      return row < 0 ? 0 : read(x!, [row, ...position.slice(index!.shape.length)]);
    }),
  ],
  causalBias: ([queries, keys], node) => {
    const { window = Infinity } = node.attributes as CausalBiasAttributes;
    const batch = broadcastShape(queries!.shape.slice(0, -1), keys!.shape.slice(0, -1));
    return [
      generate([...batch, queries!.shape.at(-1)!, keys!.shape.at(-1)!], (index) => {
        const outer = index.slice(0, -2);
        const back = read(queries!, [...outer, index.at(-2)!]) - read(keys!, [...outer, index.at(-1)!]);
        return back >= 0 && back < window ? 0 : UNSEEN_BIAS;
      }),
    ];
  },
  rmsNorm: ([x, weight], node) => {
    const { epsilon } = node.attributes as { epsilon: number };
    const inverse = rowsOf(x!).map((row) => 1 / Math.sqrt(dot(row, row) / row.length + epsilon));
    const width = x!.shape.at(-1)!;
    const y = x!.data.map(
      (value, flat) => value * inverse[Math.floor(flat / width)]! * weight!.data[flat % width]!,
    );
    return [
      { shape: x!.shape, data: y },
      { shape: [...x!.shape.slice(0, -1), 1], data: Float64Array.from(inverse) },
    ];
  },
  layerNorm: ([x, weight, bias], node) => {
    const { epsilon } = node.attributes as { epsilon: number };
    const rows = rowsOf(x!);
    const width = x!.shape.at(-1)!;
    const means = rows.map((row) => row.reduce((sum, value) => sum + value, 0) / width);
    const centred = rows.map((row, index) => row.map((value) => value - means[index]!));
    const inverse = centred.map((row) => 1 / Math.sqrt(dot(row, row) / width + epsilon));
    const scaled = (value: number, feature: number): number =>
      value * weight!.data[feature]! + bias!.data[feature]!;
    const y = centred.flatMap((row, index) =>
      [...row].map((value, feature) => scaled(value * inverse[index]!, feature)),
    );
    const shape = [...x!.shape.slice(0, -1), 1];
    return [
      { shape: x!.shape, data: Float64Array.from(y) },
      { shape, data: Float64Array.from(means) },
      { shape, data: Float64Array.from(inverse) },
    ];
  },
  tokenLogprobs: ([hidden, weight, ids]) => {
    const rows = rowsOf(weight!);
    const logits = rowsOf(hidden!).map((state) => rows.map((row) => dot(row, state)));
    const partitions = logits.map((row) => Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0)));
    const logprobs = logits.map((row, target) => row[ids!.data[target]!]! - partitions[target]!);
    return [logprobs, partitions].map((values) => ({ shape: ids!.shape, data: Float64Array.from(values) }));
  },
  tokenLogprobsGradient: ([hidden, weight, ids, upstream]) => {
    const dHidden = generate(hidden!.shape, () => 0);
    const dWeight = generate(weight!.shape, () => 0);
    const rows = rowsOf(weight!);
    for (const [position, state] of rowsOf(hidden!).entries()) {
      const probabilities = softmaxRow(Float64Array.from(rows, (row) => dot(row, state)));
      for (const [token, row] of rows.entries()) {
        const hit = token === ids!.data[position] ? 1 : 0;
        const slope = upstream!.data[position]! * (hit - probabilities[token]!);
        for (const [column, value] of row.entries()) {
          dHidden.data[position * row.length + column]! += slope * value;
          dWeight.data[token * row.length + column]! += slope * state[column]!;
        }
      }
    }
    return [dHidden, dWeight];
  },
};

/** The names of the ops that the interpreter knows, leaves apart. */
export const interpretedOps: readonly string[] = Object.keys(rules);

function firstAxisToSecondLast(x: Exact): Exact {
  const [first, ...rest] = x.shape as [number, ...number[]];
  const shape = [...rest.slice(0, -1), first, rest.at(-1)!];
  return generate(shape, (index) => read(x, [index.at(-2)!, ...index.slice(0, -2), index.at(-1)!]));
}

/** 2/√π exp(-x²) Σ 2ⁿ x²ⁿ⁺¹ / (2n + 1)!!, whose terms have one sign: exact for every x at which it is not 1 anyway. */
function errorFunction(x: number): number {
  let [term, total] = [x, x];
  for (let n = 1; n < 200; n++) total += term *= (2 * x * x) / (2 * n + 1);
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}
