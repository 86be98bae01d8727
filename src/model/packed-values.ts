/** The packed forward pass: what the model says of each target of a packed batch. */
import {
  type Segment,
  type Tensor,
  gatherRows,
  input,
  matmul,
  reshape,
  tokenLogprobs,
} from "../graph/index.ts";
import type { ModelConfig } from "./architecture.ts";
import { loraInputs } from "./lora-dropout.ts";
import type { LoraSettings } from "./lora.ts";
import { declarePackedInputs, packedAttention } from "./packed-attention.ts";
import type { ParameterTensors } from "./parameters.ts";
import { finalNorm, hiddenStates, outputWeight } from "./transformer.ts";

export interface PackedValues {
  /** [targets]: a target's log-probability, in nats; of a ranking model, the score of what comes before the target. */
  readonly values: Tensor;
  /** From the input to the output of each layer. */
  readonly blocks: readonly Segment[];
}

export interface PackedValuesOptions {
  /** Of the adapter whose matrices are among the parameters, where there is one. */
  readonly lora?: LoraSettings | undefined;
  /** Logits are computed again for the gradient instead of kept. */
  readonly recompute?: boolean | undefined;
}

export function packedValues(
  config: ModelConfig,
  parameters: ParameterTensors,
  { lora, recompute = false }: PackedValuesOptions = {},
): PackedValues {
  const packed = declarePackedInputs();
  const { states: x, blocks } = hiddenStates(config, parameters, {
    tokenIds: packed.tokenIds,
    positions: packed.positions,
    attend: packedAttention(config, packed),
    lora: lora && loraInputs(lora),
  });
  const targetSlots = input("targetSlots", ["targets"], "int32");
  const targetRows = input("targetRows", [x.shape[0]!], "int32");
  const states = gatherRows(x, targetSlots, targetRows);
  const normed = finalNorm(config, parameters, states);
  const values =
    config.head === "score"
      ? reshape(matmul(normed, parameters.get("score")!, { transposeRight: true }), ["targets"])
      : tokenLogprobs(normed, outputWeight(config, parameters), input("targetIds", ["targets"], "int32"), {
          recompute,
        });
  return { values, blocks };
}
