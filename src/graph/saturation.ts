/** Whether this processor's product of 8-bit integers is exact, which ONNX Runtime does not say. */
import * as ort from "onnxruntime-node";
import { encodeModel } from "./onnx.ts";

let answer: Promise<boolean> | undefined;

/**
 * On x86 processors without instructions for it (VNNI), ONNX Runtime adds pairs of products in 16 bits, and what is larger
 * is cut off. Asks it for such a product, once in a process.
 */
export function integerProductsSaturate(): Promise<boolean> {
  answer ??= multiplyLargest();
  return answer;
}

const INNER = 64;
const [LARGEST, LARGEST_WEIGHT] = [255, 127];

async function multiplyLargest(): Promise<boolean> {
  const weights = new Int8Array(INNER * INNER).fill(LARGEST_WEIGHT);
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
    initializers: [
      { name: "w", dtype: "int8", shape: [INNER, INNER], bytes: new Uint8Array(weights.buffer) },
    ],
    inputs: [{ name: "x", dtype: "uint8", shape: [INNER, INNER] }],
    outputs: [{ name: "y", dtype: "int32" }],
  });
  const session = await ort.InferenceSession.create(onnx, { logSeverityLevel: 4 });
  const x = new ort.Tensor("uint8", new Uint8Array(INNER * INNER).fill(LARGEST), [INNER, INNER]);
  const { y } = await session.run({ x });
  await session.release();
  return (y!.data as Int32Array).some((value) => value !== INNER * LARGEST * LARGEST_WEIGHT);
}
