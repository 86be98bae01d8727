/**
 * `node matmul-peak.js`: the machine's matrix-product rate as ONNX Runtime reaches it, in FLOP/s: the roof that training is
 * held against. The best over a few shapes, weights packed once.
 */
import { GraphSession, input, linear, lower, parameter, reduceSum } from "../../dist/graph/index.js";
import { fastest, report } from "./report.js";

const SHAPES = [
  [1024, 1024, 1024],
  [2048, 576, 1536],
  [2048, 288, 768],
];

const rates = [];
for (const shape of SHAPES) rates.push(await rate(shape));
report({ flops: Math.max(...rates) });

async function rate([rows, inner, columns]) {
  const products = 8;
  const x = input("x", ["rows", inner]);
  const weights = Array.from({ length: products }, (_, index) => parameter(`w${index}`, [columns, inner]));
  const frozen = new Map(
    weights.map((_, index) => [`w${index}`, new Float32Array(columns * inner).fill(0.01)]),
  );
  // The sums keep the products alive and cost next to nothing.
  const outputs = Object.fromEntries(
    weights.map((w, index) => [`y${index}`, reduceSum(linear(x, w), [0, 1])]),
  );
  const session = await GraphSession.open(lower(outputs, { frozen }), new Map());
  const feeds = { x: { data: new Float32Array(rows * inner).fill(0.5), shape: [rows, inner] } };
  await session.run(feeds);
  const { seconds } = await fastest(5, () => session.run(feeds));
  await session.close();
  return (2 * rows * inner * columns * products) / seconds;
}
