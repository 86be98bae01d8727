/**
 * Attention over packed trees. A tree is one prompt (the trunk) and the responses that follow it (the branches): a trunk
 * token sees the trunk before it, a branch token sees the whole trunk and its own branch before it. The prompt is thus
 * computed once for all its responses, and the linear layers see no padding at all; only the attention blocks are padded,
 * trunks to the longest trunk, branches to the longest of their bucket, which holds branches of like length.
 *
 * Shape suffixes: N blocks (trees, or branches of a bucket), L their length, B trees, P trunk length, K key heads, G query
 * heads per key head, S head size. Layout: rows of tokens are all trunks' tokens, then the branches' tokens, bucket by bucket.
 */
import {
  type Dimension,
  type Tensor,
  add,
  causalBias,
  concat,
  gatherRows,
  input,
  matmul,
  product,
  reshape,
  softmax,
  splitLike,
  transpose,
} from "../graph/index.ts";
import type { ModelConfig } from "./architecture.ts";
import { type Attend, perWindow } from "./transformer.ts";

/** Of branches of like length. What more or fewer would save: docs/experiment-log.md. Equals `data/pack.ts`'s. */
const BRANCH_BUCKETS = 3;

/** Tokens in a row, and the padded blocks that attention sees them in; `data/pack.ts` fills these inputs of the graph. */
interface Blocks {
  readonly ids: Tensor;
  /** Positions in the sequence; a branch continues its trunk's. */
  readonly positions: Tensor;
  /** [N, L]: which token fills each slot, -1 for padding. */
  readonly slots: Tensor;
  /** The slot of each token. */
  readonly rows: Tensor;
  /** [N, L]: positions of the slots; `NEVER_SEEN` for padding. */
  readonly slotPositions: Tensor;
}

interface Bucket extends Blocks {
  /** [N, B]: 1 for the tree that a branch belongs to, 0 elsewhere. */
  readonly trees: Tensor;
  /** [N, P]: positions of the trunk's slots. */
  readonly trunkPositions: Tensor;
}

/** The graph's inputs that describe a packed batch. */
export interface PackedInputs {
  /** Of all tokens: trunks, then buckets of branches. */
  readonly tokenIds: Tensor;
  readonly positions: Tensor;
  readonly trunk: Blocks;
  readonly buckets: readonly Bucket[];
}

export function declarePackedInputs(): PackedInputs {
  const trunk = declareBlocks("trunk", "trees");
  const buckets = Array.from({ length: BRANCH_BUCKETS }, (_, index): Bucket => {
    const blocks = declareBlocks(`branch${index}`, `branches${index}`);
    const [N] = blocks.slots.shape as [Dimension];
    const [B, P] = trunk.slots.shape as [Dimension, Dimension];
    return {
      ...blocks,
      trees: input(`branch${index}Trees`, [N, B]),
      trunkPositions: input(`branch${index}TrunkPositions`, [N, P], "int32"),
    };
  });
  const all = [trunk, ...buckets];
  return {
    tokenIds: concat(
      all.map(({ ids }) => ids),
      0,
    ),
    positions: concat(
      all.map(({ positions }) => positions),
      0,
    ),
    trunk,
    buckets,
  };
}

function declareBlocks(name: string, N: string): Blocks {
  const [tokens, L] = [`${name}Tokens`, `${name}Length`];
  const index = (what: string, shape: readonly Dimension[]): Tensor =>
    input(`${name}${what}`, shape, "int32");
  return {
    ids: index("Ids", [tokens]),
    positions: index("Positions", [tokens]),
    slots: index("Slots", [N, L]),
    rows: index("Rows", [tokens]),
    slotPositions: index("SlotPositions", [N, L]),
  };
}

export function packedAttention(config: ModelConfig, { trunk, buckets }: PackedInputs): Attend {
  const { kvHeads: K, headSize: S, attentionScale: scale } = config;
  const groups = config.heads / K;
  const all = [trunk, ...buckets];
  const biases = perWindow(config, (window) => attentionBiases({ trunk, buckets }, groups, window));

  return ({ query, key, value }, layer) => {
    const parts = (x: Tensor, G: number): Tensor[] =>
      splitLike(
        x,
        all.map(({ ids }) => ids),
        0,
      ).map((part, index) => toBlocks(part, all[index]!, { K, G, S }));
    const queries = parts(query, groups);
    const keys = withTrunks(parts(key, 1), buckets);
    const values = withTrunks(parts(value, 1), buckets);
    const seen = all.map((blocks, index) => {
      const scores = matmul(queries[index]!, keys[index]!, { transposeRight: true, scale });
      const weights = softmax(add(scores, biases[layer]![index]!));
      return fromBlocks(matmul(weights, values[index]!), blocks, { K, G: groups, S });
    });
    return concat(seen, 0);
  };
}

/** Keys or values [N, K, L, S] of the trunks and of the buckets: the latter preceded by those of their trunks. */
function withTrunks([ofTrunks, ...own]: readonly Tensor[], buckets: readonly Bucket[]): Tensor[] {
  const [B, K, P, S] = ofTrunks!.shape as [Dimension, Dimension, Dimension, Dimension];
  const size = product([K, P, S]);
  const joined = own.map((branches, index) => {
    // As a product, whose gradient sums over a tree's branches without a scatter.
    const chosen = matmul(buckets[index]!.trees, reshape(ofTrunks!, [B, size]));
    return concat([reshape(chosen, [branches.shape[0]!, K, P, S]), branches], 2);
  });
  return [ofTrunks!, ...joined];
}

interface HeadLayout {
  readonly K: number;
  readonly G: number;
  readonly S: number;
}

/** [tokens, K * G * S] -> [N, K, G * L, S]. */
function toBlocks(x: Tensor, { slots, rows }: Blocks, { K, G, S }: HeadLayout): Tensor {
  const [N, L] = slots.shape as [Dimension, Dimension];
  const padded = gatherRows(x, slots, rows);
  if (G === 1) return transpose(reshape(padded, [N, L, K, S]), [0, 2, 1, 3]);
  const heads = transpose(reshape(padded, [N, L, K, G, S]), [0, 2, 3, 1, 4]);
  return reshape(heads, [N, K, product([G, L]), S]);
}

/** [N, K, G * L, S] -> [tokens, K * G * S]. */
function fromBlocks(x: Tensor, { slots, rows }: Blocks, { K, G, S }: HeadLayout): Tensor {
  const [N, L] = slots.shape as [Dimension, Dimension];
  const heads = transpose(reshape(x, [N, K, G, L, S]), [0, 3, 1, 2, 4]);
  const slotCount = product([N, L]);
  return gatherRows(reshape(heads, [slotCount, K * G * S]), rows, reshape(slots, [slotCount]));
}

/** What may be seen, once for all layers of equal window: [N, 1, groups * L, keys] of the trunks and of each bucket. */
function attentionBiases(
  { trunk, buckets }: Pick<PackedInputs, "trunk" | "buckets">,
  groups: number,
  window: number | undefined,
): Tensor[] {
  const bias = ({ slotPositions }: Blocks, keyPositions: Tensor): Tensor => {
    const [N, L] = slotPositions.shape as [Dimension, Dimension];
    const queries = concat(
      Array.from({ length: groups }, () => slotPositions),
      1,
    );
    const seen = causalBias(queries, keyPositions, window);
    return reshape(seen, [N, 1, product([groups, L]), keyPositions.shape[1]!]);
  };
  return [
    bias(trunk, trunk.slotPositions),
    ...buckets.map((bucket) => bias(bucket, concat([bucket.trunkPositions, bucket.slotPositions], 1))),
  ];
}
