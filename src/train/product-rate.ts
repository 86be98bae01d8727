/** This machine's matrix-product rate, as ONNX Runtime reaches it: what training is measured against. */
import {
  GraphSession,
  type SessionOptions,
  input,
  linear,
  lower,
  parameter,
  reduceSum,
} from "../graph/index.ts";

export interface ProductShape {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

export interface RateOptions extends SessionOptions {
  readonly shape?: ProductShape;
  /** The fastest of so many runs counts. */
  readonly repeats?: number;
}

const SHAPE: ProductShape = { rows: 1024, inner: 512, columns: 512 };
/** In a row, so that a run is long enough to be timed. */
const PRODUCTS = 4;

/** Floating-point operations a second. */
export async function measureProductRate({
  shape: { rows, inner, columns } = SHAPE,
  repeats = 3,
  ...options
}: RateOptions = {}): Promise<number> {
  const x = input("x", ["rows", inner]);
  const weights = Array.from({ length: PRODUCTS }, (_, index) => `w${index}`);
  const frozen = new Map(weights.map((name) => [name, new Float32Array(columns * inner).fill(0.01)]));
  // The sums keep the products alive and cost next to nothing.
  const outputs = weights.map((name) => [
    `sum/${name}`,
    reduceSum(linear(x, parameter(name, [columns, inner])), [0, 1]),
  ]);
  const session = await GraphSession.open(lower(Object.fromEntries(outputs), { frozen }), new Map(), options);
  const feeds = { x: { data: new Float32Array(rows * inner).fill(0.5), shape: [rows, inner] } };
  await session.run(feeds);
  let seconds = Infinity;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const start = performance.now();
    await session.run(feeds);
    seconds = Math.min(seconds, (performance.now() - start) / 1000);
  }
  await session.close();
  return (2 * rows * inner * columns * PRODUCTS) / seconds;
}
