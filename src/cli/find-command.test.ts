import { describe, expect, test } from "vitest";
import { UserError } from "../errors.ts";
import { findCommand, hasFlag, type Registry } from "./find-command.ts";

const names = ["run", "train", "doctor", "rank proxy", "eval rouge", "eval ranking", "eval super-ni"];
const registry: Registry = Object.fromEntries(
  names.map((name) => [name, () => Promise.reject(new Error(`${name} was loaded`))]),
);
const find = (line: string) => findCommand(line === "" ? [] : line.split(" "), registry);

test.each([
  ["eval rouge --pairs f", "eval rouge", ["--pairs", "f"]],
  ["run recipe.yaml --out d", "run", ["recipe.yaml", "--out", "d"]],
  ["run eval rouge", "run", ["eval", "rouge"]],
  ["eval rouge", "eval rouge", []],
  ["doctor --help", "doctor", ["--help"]],
])("%s", (line, name, argv) => {
  expect(find(line)).toEqual({ kind: "command", name, argv });
});

test("help and version without a command", () => {
  for (const line of ["", "--help", "-h", "--help eval"]) expect(find(line)).toEqual({ kind: "overview" });
  expect(find("eval --help")).toEqual({ kind: "group-help", group: "eval" });
  expect(find("eval ruoge -h")).toEqual({ kind: "group-help", group: "eval" });
  expect(find("--version")).toEqual({ kind: "version" });
});

describe("a mistake names the nearest", () => {
  test.each([
    ["evel rouge --pairs f", "unknown command evel rouge; did you mean tuna eval rouge?"],
    ["eval ruoge", "unknown command eval ruoge; did you mean tuna eval rouge?"],
    ["rouge --pairs f", "unknown command rouge; did you mean tuna"],
    ["rnu recipe.yaml", "unknown command rnu; did you mean tuna run?"],
    ["trian", "unknown command trian; did you mean tuna train?"],
    ["evl", "unknown command evl; did you mean tuna eval?"],
    ["constructor", "unknown command constructor;"],
    ["eval", "tuna eval needs a command: eval rouge, eval ranking, eval super-ni"],
    ["eval --json", "tuna eval needs a command"],
    ["--hlep", "unknown flag --hlep: before a command only --help and --version are known"],
  ])("%s", (line, message) => {
    expect(() => find(line)).toThrow(UserError);
    expect(() => find(line)).toThrow(message);
  });
});

test("flags behind -- are none", () => {
  expect(hasFlag(["a", "--json"], "--json")).toBe(true);
  expect(hasFlag(["a", "--", "--json"], "--json")).toBe(false);
});
