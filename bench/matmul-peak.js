/** The machine's matrix-product rate as ONNX Runtime reaches it, in FLOP/s: the roof that training is held against. */
import { GraphSession, input, linear, lower, parameter, reduceSum } from "../dist/graph/index.js";

const SHAPES = [
  [1024, 1024, 1024],
  [2048, 576, 1536],
  [2048, 288, 768],
];

/** The best rate over a few shapes, weights packed once. */
export async function matmulPeak() {
  let best = 0;
  for (const shape of SHAPES) best = Math.max(best, await rate(shape));
  return best;
}

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
  let best = Infinity;
  for (let repeat = 0; repeat < 5; repeat++) {
    const start = performance.now();
    await session.run(feeds);
    best = Math.min(best, performance.now() - start);
  }
  await session.close();
  return (2 * rows * inner * columns * products) / (best / 1000);
}
