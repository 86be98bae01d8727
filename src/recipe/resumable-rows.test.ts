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
import { type ResumableRows, type RowProducer, writeResumableRows } from "./resumable-rows.ts";
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

type Produce = RowProducer<number, unknown>["produce"];

interface Call extends Partial<ResumableRows<number, unknown>> {
  produce?: Produce;
  signal?: AbortSignal;
  /** Fails when it comes to this item. */
  failAt?: number;
}

/** What was produced in this call, chunk by chunk, and what was said. */
async function write({
  signal = new AbortController().signal,
  failAt,
  produce: given,
  ...options
}: Call = {}) {
  const chunks: number[][] = [];
  const said: string[] = [];
  const shown: unknown[] = [];
  const opened: (readonly number[] | "closed")[] = [];
  const produceAll = async (chunk: readonly number[]): Promise<unknown[]> => {
    if (failAt !== undefined && chunk.includes(failAt)) throw new Error("killed");
    chunks.push([...chunk]);
    return chunk.map((item) => ({ item, text: "ä" }));
  };
  const produce = given ?? produceAll;
  const bar = { update: (...progress: unknown[]) => void shown.push(progress), done() {} };
  const reporter = { signal, say: (text: string) => void said.push(text), progress: () => bar };
  const open = async (missing: readonly number[]): Promise<RowProducer<number, unknown>> => {
    opened.push(missing);
    return { produce, close: async () => void opened.push("closed") };
  };
  const rest = { items, chunkSize: 2, open, label: "test" };
  const defaults = { out, madeFrom: { data: "x" }, overwrite: false, ...rest };
  const [rows, error] = await writeResumableRows({ ...defaults, ...options }, reporter).then(
    (made) => [made, undefined] as const,
    (reason: unknown) => [[], reason as Error] as const,
  );
  return { chunks, said: said.join("\n"), rows, error, shown, opened };
}

test("writes all rows, and a call after that finds them", async () => {
  expect((await write()).chunks).toEqual([[0, 1], [2, 3], [4, 5], [6]]);
  expect(readFileSync(out, "utf8")).toBe(whole);
  expect(readdirSync(join(out, "..")).toSorted()).toEqual(["rows.jsonl", "rows.jsonl.made-from.json"]);
  const again = await write();
  expect(again).toMatchObject({ chunks: [], opened: [], error: undefined });
  expect(again.said).toContain("already finished");
});

test("goes on behind the chunks that are there", async () => {
  expect((await write({ failAt: 4 })).error?.message).toBe("killed");
  expect(existsSync(out)).toBe(false);
  const rest = await write();
  expect(rest.chunks).toEqual([[4, 5], [6]]);
  expect(rest.opened).toEqual([[4, 5, 6], "closed"]);
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

test("the bar moves within a chunk, and counts the rows before it", async () => {
  await write({ failAt: 2 });
  const produce: Produce = async (chunk, onProgress) => {
    onProgress(1, "half");
    return chunk.map((item) => ({ item }));
  };
  const { shown } = await write({ produce });
  expect(shown).toEqual([[3, "half"], [4], [5, "half"], [6], [7, "half"], [7]]);
});

const OTHER = { data: "y", temperature: 2 };

test("unfinished rows made from something else are kept, and what differs is said, unless they may be discarded", async () => {
  await write({ failAt: 4 });
  const before = readFileSync(`${out}.partial`);
  const refused = await write({ madeFrom: OTHER });
  expect(refused).toMatchObject({ chunks: [], error: { name: "UserError", code: "partial-rows-differ" } });
  expect(refused.error?.message).toMatch(
    /partial holds 4 rows that were made otherwise \(data x, now y; temperature none, now 2\)\..* --overwrite\.$/,
  );
  expect(readFileSync(`${out}.partial`)).toEqual(before);
  expect((await write({ madeFrom: OTHER, overwrite: true })).chunks).toHaveLength(4);
});

test("an unfinished file without rows stops nobody", async () => {
  await write({ failAt: 0 });
  expect((await write({ madeFrom: OTHER })).chunks).toHaveLength(4);
});

test("a finished file made from something else is kept, unless it may be replaced", async () => {
  await write();
  const refused = await write({ madeFrom: OTHER });
  expect(refused).toMatchObject({ chunks: [], error: { name: "UserError", code: "output-differs" } });
  expect(refused.error?.message).toContain(
    "rows.jsonl holds other rows (data x, now y; temperature none, now 2).",
  );
  expect(readFileSync(out, "utf8")).toBe(whole);

  const killed = await write({ madeFrom: OTHER, overwrite: true, failAt: 4 });
  expect(killed.error?.message).toBe("killed");
  expect(readFileSync(out, "utf8"), "until the new rows are whole").toBe(whole);
  expect((await write({ madeFrom: OTHER })).chunks, "what was allowed goes on").toEqual([[4, 5], [6]]);
});

test("an input's content is not shown by its hash", async () => {
  await write({ madeFrom: { data: "a".repeat(64) } });
  const { error } = await write({ madeFrom: { data: "b".repeat(64) } });
  expect(error?.message).toContain("holds other rows (the data's content changed).");
});

test("a file that no record explains is kept, unless it may be replaced", async () => {
  await write();
  rmSync(`${out}.made-from.json`);
  const refused = await write();
  expect(refused.error?.message).toMatch(
    /rows\.jsonl is there, but no .*\.made-from\.json says what it was made from\./,
  );
  expect((await write({ overwrite: true })).chunks).toHaveLength(4);
});

test("a compressed file is found finished with its rows", async () => {
  const path = `${out}.gz`;
  await write({ out: path });
  expect(gunzipSync(readFileSync(path)).toString()).toBe(whole);
  const again = await write({ out: path });
  expect(again).toMatchObject({ chunks: [], rows: items.map((item) => ({ item, text: "ä" })) });
});

test("a finished file that was edited since is kept, unless it may be replaced", async () => {
  await write();
  appendFileSync(out, "{}\n");
  expect((await write()).error?.message).toContain("rows.jsonl was changed since it was made.");
  expect(readFileSync(out, "utf8")).toBe(`${whole}{}\n`);
  expect((await write({ overwrite: true })).chunks).toHaveLength(4);
  expect(readFileSync(out, "utf8")).toBe(whole);
});

test("an interruption says how far it came", async () => {
  const controller = new AbortController();
  const slow: Produce = async (chunk) => {
    if (chunk.includes(4)) controller.abort();
    controller.signal.throwIfAborted();
    return chunk.map((item) => ({ item, text: "ä" }));
  };
  const { error } = await write({ signal: controller.signal, produce: slow });
  expect(error).toBeInstanceOf(Interrupted);
  expect(error?.message).toContain(`4 of 7 rows are in ${out}.partial`);
  expect((await write()).chunks).toEqual([[4, 5], [6]]);
});
