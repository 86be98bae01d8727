import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { refuseSameFile } from "./refuse-same-file.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-same-file-"));
afterAll(() => {
  rmSync(root, { recursive: true });
});
const at = (name: string): string => join(root, name);
mkdirSync(at("model"));
for (const name of ["data", "other", "model/config.json"]) writeFileSync(at(name), name);
symlinkSync(at("data"), at("symlink"));
symlinkSync(root, at("here"));
linkSync(at("data"), at("hard-link"));

const refuse = (out: string): void =>
  refuseSameFile({ "--out": out }, { "--data": at("data"), "--model": at("model"), "--unset": undefined });

test.each(["data", "symlink", "hard-link", "here/data", "model/../data"])("%s is the data", (name) => {
  const out = `${root}/${name}`;
  expect(() => refuse(out)).toThrow(`--out ${out} is the file that --data ${at("data")} reads.`);
  expect(() => refuse(out)).toThrow(expect.objectContaining({ code: "output-is-input" }) as Error);
});

test("a file of the model's folder is refused too", () => {
  expect(() => refuse(at("model/config.json"))).toThrow(/--model .*model reads/);
});

test.each(["other", "new", "new/data", "model/new", "data/below"])("%s is not", (name) => {
  expect(() => refuse(at(name))).not.toThrow();
});

test("a device may be read and written, and an input may be missing", () => {
  expect(() => refuseSameFile({ "--out": "/dev/null" }, { "--data": "/dev/null" })).not.toThrow();
  expect(() => refuseSameFile({ "--out": at("data") }, { "--data": at("missing") })).not.toThrow();
});
