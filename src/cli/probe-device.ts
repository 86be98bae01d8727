/**
 * A program of its own, `node probe-device.js DEVICE`: computes one matrix product there, and writes what is missing (empty
 * where nothing is) to stdout as JSON. A driver may end its whole process, so the doctor does not ask in its own.
 */
import { UserError } from "../errors.ts";
import { type Device, GraphSession, input, linear, lower, parameter } from "../graph/index.ts";

const missing = await tryDevice(process.argv[2] as Device).catch((error: unknown) =>
  error instanceof UserError ? String(error.facts["missing"]) : (error as Error).message,
);
process.stdout.write(JSON.stringify({ missing }));

async function tryDevice(device: Device): Promise<string> {
  const size = 64;
  const product = lower({ product: linear(input("x", ["rows", size]), parameter("w", [size, size])) });
  const w = new Float32Array(size * size).fill(1 / size);
  const session = await GraphSession.open(product, new Map([["w", w]]), { device });
  const results = await session.run({ x: { data: new Float32Array(size).fill(2), shape: [1, size] } });
  await session.close();
  const isRight = results.get("product")!.data.every((value) => Math.abs(value - 2) < 1e-3);
  return isRight ? "" : "a matrix product comes out wrong there";
}
