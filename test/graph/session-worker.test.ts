/** What only a session in a worker promises: the caller's thread stays free, and neither thread harms the other's end. */
import { spawnSync } from "node:child_process";
import type { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { GraphSession, type Value, input, lower, matmul, parameter } from "../../dist/graph/index.js";

const SIZE = 1024;
const parameters = new Map([["w", new Float32Array(SIZE * SIZE).fill(1 / SIZE)]]);
const inputs = { x: { data: new Float32Array(SIZE * SIZE).fill(1), shape: [SIZE, SIZE] } satisfies Value };

/** A product takes 10 to 30 ms on one core. */
async function openHeavy(responsive: boolean, products = 30): Promise<GraphSession> {
  const w = parameter("w", [SIZE, SIZE]);
  let y = input("x", [SIZE, SIZE]);
  for (let i = 0; i < products; i++) y = matmul(y, w);
  return GraphSession.open(lower({ y }), parameters, { threads: 1, responsive });
}

/** How often a timer of 10 ms fires during a run. */
async function ticksDuringRun(responsive: boolean): Promise<number> {
  const session = await openHeavy(responsive);
  let ticks = 0;
  const timer = setInterval(() => ticks++, 10);
  const { data } = (await session.run(inputs)).get("y")!;
  clearInterval(timer);
  expect(data[0]).toBeCloseTo(1, 4);
  await session.close();
  return ticks;
}

test("timers of the caller's thread keep firing during a run", async () => {
  expect(await ticksDuringRun(false), "without a worker").toBeLessThan(3);
  expect(await ticksDuringRun(true), "with a worker").toBeGreaterThan(10);
});

test("a worker that dies rejects the runs in progress and those after, and says so", async () => {
  const started = new Promise<Worker>((resolve) => {
    process.once("worker", resolve);
  });
  const session = await openHeavy(true, 1);
  const worker = await started;
  worker.postMessage("no request", []);
  await expect(session.run(inputs)).rejects.toMatchObject({
    name: "InternalError",
    code: "session-failed",
    message: expect.stringContaining("its worker thread failed") as string,
    cause: expect.any(Error) as Error,
  });
  await expect(session.run(inputs)).rejects.toThrow("its worker thread failed");
  await session.close();
});

/** Runs the script in a process of its own, with a session open in a worker, and returns how the process ends. */
function processWithSession(script: string) {
  const graph = new URL("../../dist/graph/index.js", import.meta.url).href;
  const setup = `
    const { GraphSession, input, lower, matmul } = await import(${JSON.stringify(graph)});
    const x = { data: new Float32Array(${SIZE * SIZE}), shape: [${SIZE}, ${SIZE}] };
    let y = input("x", x.shape);
    for (let i = 0; i < 30; i++) y = matmul(y, input("x", x.shape));
    const session = await GraphSession.open(lower({ y }), new Map(), { threads: 1, responsive: true });`;
  const argv = ["--input-type=module", "--eval", setup + script];
  const { status, signal, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8", timeout: 20_000 });
  return { status, signal, stderr };
}

test("an idle session that nobody closed does not keep the process alive", () => {
  expect(processWithSession(`await session.run({ x });`)).toEqual({ status: 0, signal: null, stderr: "" });
});

test("a process that exits during a run ends with its own exit code", () => {
  const end = processWithSession(`session.run({ x }); setTimeout(() => process.exit(7), 50);`);
  expect(end).toEqual({ status: 7, signal: null, stderr: "" });
});
