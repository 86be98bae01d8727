/**
 * Attention over packed trees. A tree is one prompt (the trunk) and the responses that follow it (the branches): a trunk
 * token sees the trunk before it, a branch token sees the whole trunk and its own branch before it. The prompt is thus
 * computed once for all its responses, and the linear layers see no padding at all; only the attention blocks are padded.
 *
 * Shape suffixes: B trees, C branches, P trunk length, R branch length, K key heads, G query heads per key head, S head
 * size. Layout: rows of tokens are all trunks' tokens, then all branches' tokens.
 */
import {
  type Dimension,
  type Tensor,
  add,
  causalBias,
  concat,
  expand,
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

/** The graph's inputs that describe a packed batch; `data/pack.ts` fills them. */
export interface PackedInputs {
  readonly trunkIds: Tensor;
  readonly branchIds: Tensor;
  /** Positions in the sequence; a branch continues its trunk's. */
  readonly trunkPositions: Tensor;
  readonly branchPositions: Tensor;
  /** Which token fills each slot of the padded blocks, -1 for padding; and the slot of each token. */
  readonly trunkSlots: Tensor;
  readonly trunkRows: Tensor;
  readonly branchSlots: Tensor;
  readonly branchRows: Tensor;
  /** Positions of the slots; `NEVER_SEEN` for padding. */
  readonly trunkSlotPositions: Tensor;
  readonly branchSlotPositions: Tensor;
}

export function declarePackedInputs(): PackedInputs {
  const [B, C, P, R] = ["trees", "branches", "trunkLength", "branchLength"];
  const index = (name: string, shape: readonly Dimension[]): Tensor => input(name, shape, "int32");
  return {
    trunkIds: index("trunkIds", ["trunkTokens"]),
    branchIds: index("branchIds", ["branchTokens"]),
    trunkPositions: index("trunkPositions", ["trunkTokens"]),
    branchPositions: index("branchPositions", ["branchTokens"]),
    trunkSlots: index("trunkSlots", [B, P]),
    trunkRows: index("trunkRows", ["trunkTokens"]),
    branchSlots: index("branchSlots", [B, C, R]),
    branchRows: index("branchRows", ["branchTokens"]),
    trunkSlotPositions: index("trunkSlotPositions", [B, P]),
    branchSlotPositions: index("branchSlotPositions", [B, C, R]),
  };
}

export function packedAttention(config: ModelConfig, packed: PackedInputs): Attend {
  const { kvHeads: K, headSize: S, attentionScale: scale } = config;
  const groups = config.heads / K;
  const [B, C, R] = packed.branchSlots.shape as [Dimension, Dimension, Dimension];
  const [, P] = packed.trunkSlots.shape as [Dimension, Dimension];
  const biases = perWindow(config, (window) => attentionBiases(packed, groups, window));

  return ({ query, key, value }, layer) => {
    const bias = biases[layer]!;
    const trunk = (x: Tensor, size: number): Tensor =>
      toTrunkBlocks(splitTokens(x, packed)[0]!, packed, { K, groups: size, S });
    const branch = (x: Tensor, size: number): Tensor =>
      toBranchBlocks(splitTokens(x, packed)[1]!, packed, { K, groups: size, S });

    const keyTrunk_BKPS = trunk(key, 1);
    const valueTrunk_BKPS = trunk(value, 1);
    const scoresTrunk = matmul(trunk(query, groups), keyTrunk_BKPS, { transposeRight: true, scale });
    const seenTrunk = matmul(softmax(add(scoresTrunk, bias.trunk)), valueTrunk_BKPS);

    const withTrunk = (ofTrunk: Tensor, own: Tensor): Tensor =>
      concat([expand(reshape(ofTrunk, [B, 1, K, P, S]), [B, C, K, P, S]), branch(own, 1)], 3);
    const scoresBranch = matmul(branch(query, groups), withTrunk(keyTrunk_BKPS, key), {
      transposeRight: true,
      scale,
    });
    const seenBranch = matmul(softmax(add(scoresBranch, bias.branch)), withTrunk(valueTrunk_BKPS, value));
    return joinTokens({ seenTrunk, seenBranch }, packed, { B, C, P, R, K, groups, S });
  };
}

interface HeadLayout {
  K: number;
  groups: number;
  S: number;
}

function splitTokens(x: Tensor, { trunkIds, branchIds }: PackedInputs): readonly Tensor[] {
  return splitLike(x, [trunkIds, branchIds], 0);
}

/** [trunkTokens, K * groups * S] -> [B, K, groups * P, S]. */
function toTrunkBlocks(x: Tensor, packed: PackedInputs, { K, groups, S }: HeadLayout): Tensor {
  const [B, P] = packed.trunkSlots.shape as [Dimension, Dimension];
  const padded = gatherRows(x, packed.trunkSlots, packed.trunkRows);
  if (groups === 1) return transpose(reshape(padded, [B, P, K, S]), [0, 2, 1, 3]);
  const heads = transpose(reshape(padded, [B, P, K, groups, S]), [0, 2, 3, 1, 4]);
  return reshape(heads, [B, K, product([groups, P]), S]);
}

/** [branchTokens, K * groups * S] -> [B, C, K, groups * R, S]. */
function toBranchBlocks(x: Tensor, packed: PackedInputs, { K, groups, S }: HeadLayout): Tensor {
  const [B, C, R] = packed.branchSlots.shape as [Dimension, Dimension, Dimension];
  const padded = gatherRows(x, packed.branchSlots, packed.branchRows);
  if (groups === 1) return transpose(reshape(padded, [B, C, R, K, S]), [0, 1, 3, 2, 4]);
  const heads = transpose(reshape(padded, [B, C, R, K, groups, S]), [0, 1, 3, 4, 2, 5]);
  return reshape(heads, [B, C, K, product([groups, R]), S]);
}

interface BlockLayout extends HeadLayout {
  B: Dimension;
  C: Dimension;
  P: Dimension;
  R: Dimension;
}

/** Back from blocks to tokens: [trunkTokens + branchTokens, K * groups * S]. */
function joinTokens(
  { seenTrunk, seenBranch }: { seenTrunk: Tensor; seenBranch: Tensor },
  packed: PackedInputs,
  { B, C, P, R, K, groups, S }: BlockLayout,
): Tensor {
  const features = K * groups * S;
  const trunk = transpose(reshape(seenTrunk, [B, K, groups, P, S]), [0, 3, 1, 2, 4]);
  const branch = transpose(reshape(seenBranch, [B, C, K, groups, R, S]), [0, 1, 4, 2, 3, 5]);
  const [trunkSlotCount, branchSlotCount] = [product([B, P]), product([B, C, R])];
  return concat(
    [
      gatherRows(
        reshape(trunk, [trunkSlotCount, features]),
        packed.trunkRows,
        reshape(packed.trunkSlots, [trunkSlotCount]),
      ),
      gatherRows(
        reshape(branch, [branchSlotCount, features]),
        packed.branchRows,
        reshape(packed.branchSlots, [branchSlotCount]),
      ),
    ],
    0,
  );
}

/** What may be seen, once for all layers of equal window: [B, 1, groups * P, P] and [B, C, 1, groups * R, P + R]. */
function attentionBiases(
  packed: PackedInputs,
  groups: number,
  window: number | undefined,
): { trunk: Tensor; branch: Tensor } {
  const { trunkSlotPositions, branchSlotPositions } = packed;
  const [B, P] = trunkSlotPositions.shape as [Dimension, Dimension];
  const [, C, R] = branchSlotPositions.shape as [Dimension, Dimension, Dimension];
  const trunkQueries = repeat(trunkSlotPositions, groups, 1);
  const branchQueries = repeat(branchSlotPositions, groups, 2);
  const trunk = causalBias(trunkQueries, trunkSlotPositions, window);
  const toTrunk = causalBias(branchQueries, reshape(trunkSlotPositions, [B, 1, P]), window);
  const branch = concat([toTrunk, causalBias(branchQueries, branchSlotPositions, window)], 3);
  return {
    trunk: reshape(trunk, [B, 1, product([groups, P]), P]),
    branch: reshape(branch, [B, C, 1, product([groups, R]), branch.shape[3]!]),
  };
}

function repeat(x: Tensor, count: number, axis: number): Tensor {
  return count === 1
    ? x
    : concat(
        Array.from({ length: count }, () => x),
        axis,
      );
}
