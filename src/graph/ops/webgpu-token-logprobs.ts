/**
 * The log-probabilities of tokens, and their gradient, for WebGPU: ONNX Runtime runs Scan on the processor alone, which would
 * copy the weight's gradient there and back for each chunk. So the logits of all chunks exist at once here.
 */
import type { NodeLowering } from "../lowering-context.ts";

/** See `tokenLogprobsOp`. */
export function lowerLogprobsForWebGpu(context: NodeLowering): void {
  const { emit, integers, inputs, outputs } = context;
  const [hidden, weight, targets] = inputs as [string, string, string];
  const logits = emit("Gemm", [asRows(context, hidden), weight], { attributes: { transB: { int: 1 } } });
  const column = emit("Reshape", [targets, integers([-1, 1])]);
  const chosen = emit("GatherElements", [logits, column], { attributes: { axis: { int: 1 } } });
  // There is no LogSoftmax either.
  const largest = emit("ReduceMax", [logits, integers([1])]);
  const sum = emit("ReduceSum", [emit("Exp", [emit("Sub", [logits, largest])]), integers([1])]);
  const logprobs = emit("Sub", [emit("Sub", [chosen, largest]), emit("Log", [sum])]);
  emit("Reshape", [logprobs, emit("Shape", [targets])], { outputs });
}

/** See `tokenLogprobsGradientOp`. */
export function lowerLogprobsGradientForWebGpu(context: NodeLowering): void {
  const { emit, integers, float, inputs, outputs, isUsed } = context;
  const [hidden, weight, targets, upstream] = inputs as [string, string, string, string];
  const rows = asRows(context, hidden);
  const logits = emit("Gemm", [rows, weight], { attributes: { transB: { int: 1 } } });
  const probabilities = emit("Softmax", [logits], { attributes: { axis: { int: -1 } } });
  const [target, gradient] = [targets, upstream].map((each) => emit("Reshape", [each, integers([-1, 1])]));
  const negated = emit("Mul", [probabilities, emit("Mul", [gradient!, float(-1)])]);
  const dLogits = emit("ScatterElements", [negated, target!, gradient!], {
    attributes: { axis: { int: 1 }, reduction: { string: "add" } },
  });
  const [dHidden, dWeight] = outputs as [string, string];
  emit("Reshape", [emit("Gemm", [dLogits, weight]), emit("Shape", [hidden])], { outputs: [dHidden] });
  if (isUsed[1]!) emit("Gemm", [dLogits, rows], { attributes: { transA: { int: 1 } }, outputs: [dWeight] });
}

/** [chunks, rows, width] -> [chunks * rows, width]. */
function asRows({ emit, integers, inputTypes: [hidden] }: NodeLowering, x: string): string {
  return emit("Reshape", [x, integers([-1, hidden!.shape[2] as number])]);
}
