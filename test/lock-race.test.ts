/** Processes that find the same dead lock at the same time: one takes it over, the others are refused. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const root = mkdtempSync(join(tmpdir(), "tuna-lock-race-"));
afterAll(() => {
  rmSync(root, { recursive: true });
});

const [CONTENDERS, ROUNDS] = [4, 15];
const LOCK = new URL("../dist/recipe/lock.js", import.meta.url).href;

/** Files in `marks` bring the contenders to each lock together; who gets it keeps it until the others are refused. */
const SCRIPT = `
  import { readdirSync, writeFileSync } from "node:fs";
  import { setTimeout as sleep } from "node:timers/promises";
  const [script, root, own] = process.argv.slice(1);
  const { withLock } = await import(script);
  const mark = (name) => writeFileSync(root + "/marks/" + name + own, "");
  const marked = async (name, count) => {
    while (readdirSync(root + "/marks").filter((each) => each.startsWith(name)).length < count) await sleep(1);
  };
  for (let round = 0; round < ${ROUNDS}; round++) {
    const hold = async () => {
      await Promise.race([marked("refused-" + round + "-", ${CONTENDERS - 1}), sleep(1000)]);
      return "held";
    };
    mark("ready-" + round + "-");
    await marked("ready-" + round + "-", ${CONTENDERS});
    const outcome = await withLock(root + "/locks/" + round, hold).catch(({ code }) => code);
    if (outcome !== "held") mark("refused-" + round + "-");
    console.log(outcome);
  }
  process.exit();
`;

async function contend(own: number): Promise<string[]> {
  const argv = ["--input-type=module", "-e", SCRIPT, LOCK, root, String(own)];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  await new Promise((resolve) => child.on("close", resolve));
  return output.trim().split("\n");
}

test("one gets each lock", async () => {
  for (const folder of ["locks", "marks"]) mkdirSync(join(root, folder));
  const dead = JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), started: null });
  for (let round = 0; round < ROUNDS; round++) writeFileSync(join(root, "locks", String(round)), dead);
  const outcomes = await Promise.all(Array.from({ length: CONTENDERS }, (_, own) => contend(own)));
  for (let round = 0; round < ROUNDS; round++) {
    const count = (outcome: string): number => outcomes.filter((each) => each[round] === outcome).length;
    expect([count("held"), count("output-in-use")], `round ${round}`).toEqual([1, CONTENDERS - 1]);
  }
  expect(readdirSync(join(root, "locks"))).toEqual([]);
});
