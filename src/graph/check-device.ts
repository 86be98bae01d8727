/** Whether a device can start, and computes: asked before the work that would be begun in vain. */
import { type Device, deviceUnavailable } from "./device.ts";
import { lower } from "./lower.ts";
import { input, parameter } from "./ops/leaves.ts";
import { linear } from "./ops/matmul.ts";
import { GraphSession } from "./session.ts";

const SIZE = 64;

/** Computes one matrix product there. Throws a `UserError` that says what is missing. */
export async function checkDevice(device: Device): Promise<void> {
  const product = lower({ product: linear(input("x", ["rows", SIZE]), parameter("w", [SIZE, SIZE])) });
  const w = new Float32Array(SIZE * SIZE).fill(1 / SIZE);
  const session = await GraphSession.open(product, new Map([["w", w]]), { device });
  const results = await session.run({ x: { data: new Float32Array(SIZE).fill(2), shape: [1, SIZE] } });
  await session.close();
  const isRight = results.get("product")!.data.every((value) => Math.abs(value - 2) < 1e-3);
  if (!isRight) throw deviceUnavailable(device, "a matrix product comes out wrong there");
}
