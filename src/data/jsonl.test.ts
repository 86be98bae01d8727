import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { readAllJsonLines, readJsonLines, writeJsonLines } from "./jsonl.ts";

const row = z.looseObject({ id: z.string(), tags: z.array(z.string()).optional() });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tuna-jsonl-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function file(content: string | Buffer, name = "rows.jsonl"): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function* failing(): AsyncGenerator {
  yield { id: "x".repeat(200_000) };
  await Promise.resolve();
  throw new RangeError("the producer failed");
}

describe("reading", () => {
  test("accepts a byte order mark, CRLF, blank lines and a missing last line end", async () => {
    const path = file('\uFEFF{"id":"a"}\r\n\r\n  \n{"id":"b"}\r\n{"id":"c"}');
    expect(await readAllJsonLines(path, row)).toEqual([{ id: "a" }, { id: "b" }, { id: "c" }]);
  });

  test("does not split at U+2028, which JSON allows inside a string", async () => {
    const path = file('{"id":"one\u2028two\u2029three\u0085"}\n');
    expect(await readAllJsonLines(path, row)).toEqual([{ id: "one\u2028two\u2029three\u0085" }]);
  });

  test("reads gzip by the name", async () => {
    const path = file(gzipSync('{"id":"a"}\n{"id":"b"}\n'), "rows.jsonl.gz");
    expect(await readAllJsonLines(path, row)).toEqual([{ id: "a" }, { id: "b" }]);
  });

  test("joins lines and characters that span many chunks", async () => {
    const long = "é€😀".repeat(100_000);
    const path = file(`{"id":"${long}"}\n{"id":"b"}\n`);
    const rows = await readAllJsonLines(path, row);
    expect(rows.map(({ id }) => id.length)).toEqual([long.length, 1]);
    expect(rows[0]!.id === long).toBe(true);
  });

  test("an empty file has no rows", async () => {
    expect(await readAllJsonLines(file(""), row)).toEqual([]);
  });

  test("yields rows before it meets a later bad line", async () => {
    const path = file('{"id":"a"}\n{"id":"b"\n');
    const reader = readJsonLines(path, row);
    expect(await reader.next()).toEqual({ done: false, value: { id: "a" } });
    await expect(reader.next()).rejects.toThrow(/line 2/);
  });
});

describe("errors name file and line", () => {
  const cases: [string, string | Buffer, string, RegExp][] = [
    ["bad JSON", '{"id":"a"}\n\n{"id":\n', "jsonl-not-json", /rows\.jsonl, line 3: not JSON: /],
    ["a JSON array", '[\n{"id":"a"}\n]\n', "jsonl-not-json", /line 1: .*one JSON object a line/],
    ["a missing field", "{}\n", "jsonl-row-invalid", /line 1, field id: expected string, received undefined/],
    [
      "a nested field",
      '{"id":"a","tags":["x",2]}',
      "jsonl-row-invalid",
      /line 1, field tags\.1: expected string/,
    ],
    ["not an object", "3\n", "jsonl-row-invalid", /rows\.jsonl, line 1: expected object, received number/],
    ["not UTF-8", Buffer.from([0x22, 0xff, 0x22]), "file-unreadable", /rows\.jsonl cannot be read: .*utf-8/i],
    [
      "UTF-16",
      Buffer.from('\uFEFF{"id":"a"}\n', "utf16le"),
      "file-unreadable",
      /rows\.jsonl cannot be read: it is UTF-16 text; save it as UTF-8/,
    ],
    ["UTF-16, big end first", Buffer.from([0xfe, 0xff, 0, 0x7b]), "file-unreadable", /it is UTF-16 text/],
    ["a character cut off at the end", Buffer.from([0x22, 0xc3]), "file-unreadable", /utf-8/i],
  ];
  test.each(cases)("%s", async (_, content, code, message) => {
    const reading = readAllJsonLines(file(content), row);
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toMatchObject({ name: "UserError", code });
  });

  test("a missing file, a folder, a broken gzip", async () => {
    const missing = readAllJsonLines(join(folder, "none.jsonl"), row);
    await expect(missing).rejects.toThrow(/none\.jsonl cannot be read: there is no such file/);
    await expect(readAllJsonLines(folder, row)).rejects.toThrow(/cannot be read: it is a folder/);
    await expect(readAllJsonLines(file("plain", "x.jsonl.gz"), row)).rejects.toThrow(
      /x\.jsonl\.gz cannot be read: incorrect header check/,
    );
  });
});

describe("writing", () => {
  test("what is written is read back, for any JSON", async () => {
    const paths = [join(folder, "new/folder/rows.jsonl"), join(folder, "rows.jsonl.gz")];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), fc.constantFrom(...paths), async (rows, path) => {
        await writeJsonLines(path, rows);
        const read = await readAllJsonLines(path, z.unknown());
        expect(read).toEqual(JSON.parse(JSON.stringify(rows)));
      }),
      { numRuns: 50 },
    );
    await writeJsonLines(paths[1]!, [{}]);
    expect(gunzipSync(readFileSync(paths[1]!)).toString()).toBe("{}\n");
  });

  test("rows that fail halfway leave the old file and no temporary one", async () => {
    const path = file('{"id":"old"}\n');
    await expect(writeJsonLines(path, failing())).rejects.toThrow(RangeError);
    expect(readFileSync(path, "utf8")).toBe('{"id":"old"}\n');
    expect(readdirSync(folder)).toEqual(["rows.jsonl"]);
  });

  test("a folder in the way is a user error", async () => {
    await expect(writeJsonLines(folder, [1])).rejects.toMatchObject({ code: "file-unwritable" });
  });

  test.skipIf(!existsSync("/dev/null"))("a device stays a device", async () => {
    await writeJsonLines("/dev/null", [{ id: "a" }]);
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  });
});
