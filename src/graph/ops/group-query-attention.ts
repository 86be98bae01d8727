/**
 * Attention with a key-value cache for generation, as ONNX Runtime's contributed op does it: grouped heads, and the new
 * keys and values written at each sequence's own end. Forward only. Rotary embedding is applied before: the op's own
 * needs heads of a multiple of 16.
 *
 * query [batch, new, heads * size], key and value [batch, new, kvHeads * size], past keys and values
 * [batch, kvHeads, capacity, size], lastIndex [batch] (each sequence's length after this step, minus one),
 * total [] (the longest length after this step)
 * -> attention [batch, new, heads * size] and the caches. Bind a cache's input and output to one buffer to append in place.
 */
import { type Op, type Tensor, ShapeMismatch, apply, notDifferentiable } from "../tensor.ts";
import { sameShape } from "../shape.ts";

export interface GroupQueryAttentionAttributes {
  readonly heads: number;
  readonly kvHeads: number;
}

export const groupQueryAttentionOp: Op<GroupQueryAttentionAttributes> = {
  name: "groupQueryAttention",
  types([query, key, value, pastKey, pastValue], { heads, kvHeads }) {
    if (!sameShape(key!.shape, value!.shape)) throw new ShapeMismatch("keys and values must agree");
    if (!sameShape(pastKey!.shape, pastValue!.shape)) throw new ShapeMismatch("the caches must agree");
    const size = pastKey!.shape[3] as number;
    if (query!.shape[2] !== heads * size || key!.shape[2] !== kvHeads * size) {
      throw new ShapeMismatch(`${heads} query heads and ${kvHeads} key heads of size ${size} are expected`);
    }
    return [query!, pastKey!, pastValue!];
  },
  gradient: notDifferentiable,
  lower({ emit, inputs, outputs }, { heads, kvHeads }) {
    emit("GroupQueryAttention", inputs, {
      domain: "com.microsoft",
      attributes: { num_heads: { int: heads }, kv_num_heads: { int: kvHeads } },
      outputs,
    });
  },
};

export interface GroupQueryAttentionInputs {
  query: Tensor;
  key: Tensor;
  value: Tensor;
  pastKey: Tensor;
  pastValue: Tensor;
  lastIndex: Tensor;
  total: Tensor;
}

export function groupQueryAttention(
  inputs: GroupQueryAttentionInputs,
  attributes: GroupQueryAttentionAttributes,
): { attention: Tensor; presentKey: Tensor; presentValue: Tensor } {
  const { query, key, value, pastKey, pastValue, lastIndex, total } = inputs;
  const ordered = [query, key, value, pastKey, pastValue, lastIndex, total];
  const [attention, presentKey, presentValue] = apply(groupQueryAttentionOp, ordered, attributes);
  return { attention: attention!, presentKey: presentKey!, presentValue: presentValue! };
}
