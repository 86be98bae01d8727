/** Commands that start together make the same folders: whoever comes second finds them made, which is no failure. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterAll, expect, test } from "vitest";

const root = mkdtempSync(join(tmpdir(), "tuna-folder-race-"));
afterAll(() => {
  rmSync(root, { recursive: true });
});

const [CONTENDERS, ROUNDS] = [2, 100];
const OUTPUT_FILE = new URL("../dist/recipe/output-file.js", import.meta.url).href;

/** A thread of its own for each contender; the last to arrive at a round starts it for all. */
const SCRIPT = `
  const { parentPort, workerData: { script, root, arrived } } = require("node:worker_threads");
  import(script).then(({ makeFolder }) => {
    const refusals = [];
    for (let round = 0; round < ${ROUNDS}; round++) {
      const everybody = (round + 1) * ${CONTENDERS};
      Atomics.add(arrived, 0, 1);
      while (Atomics.load(arrived, 0) < everybody);
      try {
        makeFolder(root + "/" + round + "/of/all");
      } catch ({ message }) {
        refusals.push(message);
      }
    }
    parentPort.postMessage(refusals);
  });
`;

function contend(arrived: Int32Array): Promise<string[]> {
  const worker = new Worker(SCRIPT, { eval: true, workerData: { script: OUTPUT_FILE, root, arrived } });
  return new Promise((resolve, reject) => {
    worker.on("message", resolve).on("error", reject);
  });
}

test("nobody is refused", async () => {
  const arrived = new Int32Array(new SharedArrayBuffer(4));
  const refusals = await Promise.all(Array.from({ length: CONTENDERS }, () => contend(arrived)));
  expect(refusals.flat()).toEqual([]);
  expect(existsSync(join(root, String(ROUNDS - 1), "of/all"))).toBe(true);
});
