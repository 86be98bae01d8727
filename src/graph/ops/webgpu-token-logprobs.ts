/**
 * The log-probabilities of tokens, and their gradient, for WebGPU: ONNX Runtime runs Scan on the processor alone, which would
 * copy the weight's gradient there and back for each chunk. So all logits exist at once here.
 */
import type { NodeLowering } from "../lowering-context.ts";

/** See `tokenLogprobsOp`. */
export function lowerLogprobsForWebGpu({ emit, integers, inputs, outputs }: NodeLowering): void {
  const [hidden, weight, ids] = inputs as [string, string, string];
  const [logprobs, logPartition] = outputs as [string, string];
  const logits = emit("Gemm", [hidden, weight], { attributes: { transB: { int: 1 } } });
  const chosen = emit("GatherElements", [logits, emit("Unsqueeze", [ids, integers([1])])], {
    attributes: { axis: { int: 1 } },
  });
  // There is no LogSoftmax either.
  const largest = emit("ReduceMax", [logits, integers([1])]);
  const sum = emit("ReduceSum", [emit("Exp", [emit("Sub", [logits, largest])]), integers([1])]);
  const partition = emit("Add", [emit("Log", [sum]), largest]);
  emit("Squeeze", [partition, integers([1])], { outputs: [logPartition] });
  emit("Squeeze", [emit("Sub", [chosen, partition]), integers([1])], { outputs: [logprobs] });
}

/** See `tokenLogprobsGradientOp`. */
export function lowerLogprobsGradientForWebGpu(context: NodeLowering): void {
  const { emit, integers, float, inputs, outputs, isUsed } = context;
  const [hidden, weight, ids, upstream] = inputs as [string, string, string, string];
  const logits = emit("Gemm", [hidden, weight], { attributes: { transB: { int: 1 } } });
  const probabilities = emit("Softmax", [logits], { attributes: { axis: { int: -1 } } });
  const [id, gradient] = [ids, upstream].map((each) => emit("Unsqueeze", [each, integers([1])]));
  const negated = emit("Mul", [probabilities, emit("Mul", [gradient!, float(-1)])]);
  const dLogits = emit("ScatterElements", [negated, id!, gradient!], {
    attributes: { axis: { int: 1 }, reduction: { string: "add" } },
  });
  const [dHidden, dWeight] = outputs as [string, string];
  emit("Gemm", [dLogits, weight], { outputs: [dHidden] });
  if (isUsed[1]!) emit("Gemm", [dLogits, hidden], { attributes: { transA: { int: 1 } }, outputs: [dWeight] });
}
