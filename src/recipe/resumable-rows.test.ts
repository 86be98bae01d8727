import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeEach, expect, test } from "vitest";
import { type ResumableRows, writeResumableRows } from "./resumable-rows.ts";
import { Interrupted } from "./stage.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-rows-"));
afterAll(() => {
  rmSync(root, { recursive: true });
});

let out: string;
beforeEach(() => {
  out = join(mkdtempSync(join(root, "run-")), "new-folder", "rows.jsonl");
});

const items = [0, 1, 2, 3, 4, 5, 6];
const whole = items.map((item) => `{"item":${item},"text":"ä"}\n`).join("");

interface Call extends Partial<ResumableRows<number, unknown>> {
  signal?: AbortSignal;
  /** Fails when it comes to this item. */
  failAt?: number;
}

/** What was produced in this call, chunk by chunk, and what was said. */
async function write({ signal = new AbortController().signal, failAt, ...options }: Call = {}) {
  const chunks: number[][] = [];
  const said: string[] = [];
  const produce = async (chunk: readonly number[]): Promise<unknown[]> => {
    if (failAt !== undefined && chunk.includes(failAt)) throw new Error("killed");
    chunks.push([...chunk]);
    return chunk.map((item) => ({ item, text: "ä" }));
  };
  const reporter = { signal, say: (text: string) => void said.push(text), progress: () => bar };
  const defaults = { out, madeFrom: { data: "x" }, items, chunkSize: 2, produce, label: "test" };
  const [rows, error] = await writeResumableRows({ ...defaults, ...options }, reporter).then(
    (made) => [made, undefined] as const,
    (reason: unknown) => [[], reason as Error] as const,
  );
  return { chunks, said: said.join("\n"), rows, error };
}
const bar = { update() {}, done() {} };

test("writes all rows, and a call after that finds them", async () => {
  expect((await write()).chunks).toEqual([[0, 1], [2, 3], [4, 5], [6]]);
  expect(readFileSync(out, "utf8")).toBe(whole);
  expect(readdirSync(join(out, "..")).toSorted()).toEqual(["rows.jsonl", "rows.jsonl.made-from.json"]);
  const again = await write();
  expect(again).toMatchObject({ chunks: [], error: undefined });
  expect(again.said).toContain("already finished");
});

test("goes on behind the chunks that are there", async () => {
  expect((await write({ failAt: 4 })).error?.message).toBe("killed");
  expect(existsSync(out)).toBe(false);
  const rest = await write();
  expect(rest.chunks).toEqual([[4, 5], [6]]);
  expect(rest.said).toContain("going on after 4 of 7 rows");
  expect(readFileSync(out, "utf8")).toBe(whole);
});

test.each([
  ["half a line", `{"item":4,"te`],
  ["a line that ends within a character", Buffer.from(`{"item":4,"text":"ä`).subarray(0, -1)],
  ["half a chunk", `{"item":4,"text":"ä"}\n`],
  ["half a chunk and half a line", `{"item":4,"text":"ä"}\n{"item"`],
  ["zeros, as after a power cut", "\0\0\0\0\n"],
])("%s at the end is made again", async (_, tail) => {
  await write({ failAt: 4 });
  appendFileSync(`${out}.partial`, tail);
  expect((await write()).chunks).toEqual([[4, 5], [6]]);
  expect(readFileSync(out, "utf8")).toBe(whole);
});

test("all rows there and the file not yet named: nothing is made again", async () => {
  await write();
  const record = readFileSync(`${out}.made-from.json`);
  rmSync(`${out}.made-from.json`);
  writeFileSync(`${out}.partial`, `{"madeFrom":{"data":"x"}}\n${whole}`);
  rmSync(out);
  expect((await write()).chunks).toEqual([]);
  expect(readFileSync(out, "utf8")).toBe(whole);
  expect(readFileSync(`${out}.made-from.json`)).toEqual(record);
  expect(existsSync(`${out}.partial`)).toBe(false);
});

test.each(["", "x", `{"madeFrom":`, "null\n", "{}\n"])("a header of %j starts anew", async (header) => {
  await write({ failAt: 2 });
  writeFileSync(`${out}.partial`, header);
  expect((await write()).chunks).toHaveLength(4);
  expect(readFileSync(out, "utf8")).toBe(whole);
});

test("rows made from something else are not mixed in, and what differs is said", async () => {
  await write({ failAt: 4 });
  const changed = await write({ madeFrom: { data: "y", temperature: 2 } });
  expect(changed.chunks).toHaveLength(4);
  expect(changed.said).toContain("made from something else (data, temperature); starting anew");
  const finished = await write({ madeFrom: { data: "z" } });
  expect(finished.chunks, "a finished file too").toHaveLength(4);
});

test("a compressed file is found finished with its rows", async () => {
  const path = `${out}.gz`;
  await write({ out: path });
  expect(gunzipSync(readFileSync(path)).toString()).toBe(whole);
  const again = await write({ out: path });
  expect(again).toMatchObject({ chunks: [], rows: items.map((item) => ({ item, text: "ä" })) });
});

test("a finished file that was edited since is made again", async () => {
  await write();
  appendFileSync(out, "{}\n");
  expect((await write()).chunks).toHaveLength(4);
  expect(readFileSync(out, "utf8")).toBe(whole);
});

test("an interruption says how far it came", async () => {
  const controller = new AbortController();
  const slow = async (chunk: readonly number[]): Promise<unknown[]> => {
    if (chunk.includes(4)) controller.abort();
    controller.signal.throwIfAborted();
    return chunk.map((item) => ({ item, text: "ä" }));
  };
  const { error } = await write({ signal: controller.signal, produce: slow });
  expect(error).toBeInstanceOf(Interrupted);
  expect(error?.message).toContain(`4 of 7 rows are in ${out}.partial`);
  expect((await write()).chunks).toEqual([[4, 5], [6]]);
});
