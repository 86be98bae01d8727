import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { namedRuns } from "./named-runs.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-named-runs-"));
afterAll(() => {
  rmSync(root, { recursive: true });
});
const at = (name: string): string => join(root, name);
for (const name of ["sft/eval", "tuna/eval", "tuna/1", "lr=1,n=2"]) mkdirSync(at(name), { recursive: true });

test("a name, several seeds, and a folder whose name holds the signs of both", () => {
  expect(
    namedRuns([`base line=${at("sft/eval")}`, `t=${at("tuna/eval")},${at("tuna/1")}`, at("lr=1,n=2")]),
  ).toEqual([
    { name: "base line", folders: [at("sft/eval")] },
    { name: "t", folders: [at("tuna/eval"), at("tuna/1")] },
    { name: "lr=1,n=2", folders: [at("lr=1,n=2")] },
  ]);
  expect(namedRuns([`x=${at("lr=1,n=2")}`])[0]!.folders).toEqual([at("lr=1,n=2")]);
});

test("without a name: the end of the path that tells runs apart", () => {
  const names = (...texts: string[]): string[] => namedRuns(texts).map(({ name }) => name);
  expect(names(at("sft/eval"))).toEqual(["eval"]);
  expect(names(at("sft/eval"), `${at("tuna/eval")}/`, at("tuna/1"))).toEqual(["sft/eval", "tuna/eval", "1"]);
});

test.each([
  ["a missing folder", ["x=nowhere"], "there is no folder nowhere"],
  ["an empty name", [`=${at("sft")}`], "a name or a folder is empty"],
  ["an empty folder", [`x=${at("sft")},`], "a name or a folder is empty"],
  ["seeds without a name", [`${at("sft")},${at("tuna")}`], "several seeds need a name"],
  ["a name twice", [`x=${at("sft")}`, `x=${at("tuna")}`], 'two runs are named "x"'],
  ["a folder twice", [at("sft"), at("sft")], "two runs are named"],
])("refused: %s", (_, texts, message) => {
  expect(() => namedRuns(texts)).toThrow(message);
});
