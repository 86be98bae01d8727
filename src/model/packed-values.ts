/** The packed forward pass: what the model says of each target of a packed batch. */
import {
  type Segment,
  type Tensor,
  concat,
  gatherRows,
  input,
  matmul,
  reshape,
  splitLike,
  tokenLogprobs,
} from "../graph/index.ts";
import type { ModelConfig } from "./architecture.ts";
import { loraInputs } from "./lora-dropout.ts";
import type { LoraSettings } from "./lora.ts";
import { declarePackedInputs, packedAttention } from "./packed-attention.ts";
import type { ParameterTensors } from "./parameters.ts";
import { finalNorm, hiddenStates, outputWeight } from "./transformer.ts";

/**
 * Logits that may exist at once, in float32 values: 80 MB where the projection is trained, since the product that gives its
 * gradient is a tenth slower with half of it, and 32 MB where it is not.
 */
const MAX_LOGITS = { trained: 1.25 * 2 ** 24, frozen: 2 ** 23 };

/** How many rows of targets fit one chunk of logits. `isTrained`: whether the projection is. */
export function maxChunkRows({ vocabulary }: ModelConfig, { isTrained }: { isTrained: boolean }): number {
  const logits = isTrained ? MAX_LOGITS.trained : MAX_LOGITS.frozen;
  return Math.max(1, Math.floor(logits / vocabulary));
}

export interface PackedValues {
  /** [chunks, rows]: a target's log-probability, in nats; of a ranking model, the score of what comes before the target. */
  readonly values: Tensor;
  /** From the input to the output of each layer. */
  readonly blocks: readonly Segment[];
}

/** `lora`: of the adapter whose matrices are among the parameters, where there is one. */
export function packedValues(
  config: ModelConfig,
  parameters: ParameterTensors,
  lora?: LoraSettings,
): PackedValues {
  const packed = declarePackedInputs();
  const { states: x, blocks } = hiddenStates(config, parameters, {
    tokenIds: concat([packed.trunkIds, packed.branchIds], 0),
    positions: concat([packed.trunkPositions, packed.branchPositions], 0),
    attend: packedAttention(config, packed),
    lora: lora && loraInputs(lora),
  });
  const [, branchStates] = splitLike(x, [packed.trunkIds, packed.branchIds], 0);
  const targetSlots = input("targetSlots", ["chunks", "rows"], "int32");
  const targetRows = input("targetRows", ["branchTokens"], "int32");
  const states = gatherRows(branchStates!, targetSlots, targetRows);
  const normed = finalNorm(config, parameters, states);
  const values =
    config.head === "score"
      ? reshape(matmul(normed, parameters.get("score")!, { transposeRight: true }), ["chunks", "rows"])
      : tokenLogprobs(
          normed,
          outputWeight(config, parameters),
          input("targetIds", ["chunks", "rows"], "int32"),
        );
  return { values, blocks };
}
