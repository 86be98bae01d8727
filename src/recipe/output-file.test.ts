import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { checkOutputs, makeFolder } from "./output-file.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-output-"));
afterAll(() => {
  chmodSync(join(root, "read-only"), 0o755);
  rmSync(root, { recursive: true });
});
writeFileSync(join(root, "file"), "");
mkdirSync(join(root, "read-only"));
chmodSync(join(root, "read-only"), 0o555);
const isRoot = process.getuid?.() === 0;

const check = (path: string) => (): void => checkOutputs({ "--out": path }, {});

test("a file that can be written: its folder is made, and nothing in it", () => {
  const path = join(root, "a/b/rows.jsonl");
  check(path)();
  expect(readdirSync(join(root, "a/b"))).toEqual([]);
  writeFileSync(path, "old");
  check(path)();
  expect(readdirSync(join(root, "a/b"))).toEqual(["rows.jsonl"]);
});

test.each([
  ["a folder", root, `${root} is a folder; name the file to write.`],
  ["below a file", join(root, "file/rows.jsonl"), `${root}/file cannot be written: it is a file.`],
  ["too long a name", join(root, "a".repeat(250)), "cannot be written: ENAMETOOLONG"],
])("%s is refused before the work", (_, path, message) => {
  expect(check(path)).toThrow(
    expect.objectContaining({ name: "UserError", message: expect.stringContaining(message) as string }),
  );
});

test.skipIf(!existsSync("/proc/self"))("a folder that cannot be made is refused, and does not hang", () => {
  expect(() => makeFolder("/proc/tuna/run")).toThrow("/proc/tuna/run cannot be written: ");
});

test.skipIf(isRoot)("a folder without permission", () => {
  expect(check(join(root, "read-only/rows.jsonl"))).toThrow("rows.jsonl cannot be written: EACCES");
});
