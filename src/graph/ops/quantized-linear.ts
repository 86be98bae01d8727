/** x Wᵀ with W in small integers: x is rounded to 8 bits too, for the product is one of integers. */
import type { NodeLowering, QuantizedWeight } from "../lowering-context.ts";
import type { Blocks } from "../quantize.ts";

/** False where W is not kept so. */
export function lowerQuantized(context: NodeLowering): boolean {
  const weight = context.quantized(1);
  if (weight === undefined) return false;
  if (weight.format === "rows") lowerRows(context, weight);
  else lowerBlocks(context, weight, weight.format);
  return true;
}

const LARGEST = 127;
/** Of a row of x: nothing can be divided by the zero that a row of zeros would have. */
const SMALLEST_SCALE = 1e-30;

/**
 * Each row of x has a scale of its own, so that what comes out does not depend on the rows beside it. MatMulIntegerToFloat
 * knows one scale for all of x, so it reads a row over its scale, and the product is multiplied by it.
 */
function lowerRows(
  { emit, integers, float, byte, inputs, outputs }: NodeLowering,
  weight: QuantizedWeight,
): void {
  const [x] = inputs as readonly [string];
  const zero = byte(LARGEST + 1);
  const largest = emit("ReduceMax", [emit("Abs", [x]), integers([1])], {
    attributes: { keepdims: { int: 1 } },
  });
  const scale = emit("Max", [emit("Mul", [largest, float(1 / LARGEST)]), float(SMALLEST_SCALE)]);
  const rounded = emit("QuantizeLinear", [emit("Div", [x, scale]), float(1), zero]);
  const product = emit("MatMulIntegerToFloat", [rounded, weight.integers, float(1), weight.scales, zero], {
    domain: "com.microsoft",
  });
  emit("Mul", [product, scale], { outputs });
}

function lowerBlocks(
  { emit, inputs, inputTypes, outputs }: NodeLowering,
  { integers, scales }: QuantizedWeight,
  { bits, blockSize }: Blocks,
): void {
  const [rows, columns] = inputTypes[1]!.shape as readonly [number, number];
  const attributes = { K: columns, N: rows, bits, block_size: blockSize, accuracy_level: 4 };
  emit("MatMulNBits", [inputs[0]!, integers, scales], {
    attributes: Object.fromEntries(Object.entries(attributes).map(([name, int]) => [name, { int }])),
    outputs,
    domain: "com.microsoft",
  });
}
