/** Whether this processor's product of 8-bit integers is exact, which ONNX Runtime does not say. */
import * as ort from "onnxruntime-node";
import { encodeModel } from "./onnx.ts";

let answer: Promise<boolean> | undefined;

/**
 * On x86 processors without instructions for it (VNNI), ONNX Runtime adds pairs of products in 16 bits, and cuts off what is
 * larger. Asks it for such a product, once in a thread.
 */
export function integerProductsSaturate(): Promise<boolean> {
  answer ??= multiplyLargest().catch((error: unknown) => {
    answer = undefined;
    throw error;
  });
  return answer;
}

const SIZE = 64;
const [LARGEST, LARGEST_WEIGHT] = [255, 127];

async function multiplyLargest(): Promise<boolean> {
  const square = [SIZE, SIZE];
  const weights = new Uint8Array(SIZE * SIZE).fill(LARGEST_WEIGHT);
  const onnx = encodeModel({
    name: "saturation",
    nodes: [
      {
        type: "MatMulInteger",
        name: "product",
        domain: "",
        inputs: ["x", "w"],
        outputs: ["y"],
        attributes: {},
      },
    ],
    initializers: [{ name: "w", dtype: "int8", shape: square, bytes: weights }],
    inputs: [{ name: "x", dtype: "uint8", shape: square }],
    outputs: [{ name: "y", dtype: "int32" }],
  });
  const session = await ort.InferenceSession.create(onnx, { logSeverityLevel: 4, intraOpNumThreads: 1 });
  try {
    const x = new ort.Tensor("uint8", new Uint8Array(SIZE * SIZE).fill(LARGEST), square);
    const { y } = await session.run({ x });
    return (y!.data as Int32Array).some((value) => value !== SIZE * LARGEST * LARGEST_WEIGHT);
  } finally {
    await session.release();
  }
}
