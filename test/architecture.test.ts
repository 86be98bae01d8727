/** Which room of `src/` may import which. This table is the only place that says so. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";

const MAY_IMPORT: Record<string, readonly string[]> = {
  text: [],
  graph: [],
  hub: [],
  data: [],
  llm: [],
  model: ["graph"],
  generate: ["graph", "model", "data"],
  rank: ["llm", "data", "generate"],
  train: ["graph", "model", "data"],
  evaluate: ["graph", "generate", "llm", "data", "train", "model"],
  pocket: ["data"],
  recipe: ["graph", "hub", "data", "llm", "model", "generate", "rank", "train", "evaluate", "pocket"],
  cli: ["graph", "data", "llm", "model", "generate", "rank", "train", "evaluate", "pocket", "recipe"],
};
const EVERY_ROOM_MAY_IMPORT = new Set(["errors.ts", "random.ts", "text"]);

const ROOT = join(import.meta.dirname, "..");
const TEST_CODE = /^(?!src\/)|\.(test|fixture)\.ts$/;

/** Paths from the repository's root. */
interface Import {
  readonly from: string;
  readonly to: string;
}

function violationOf({ from, to }: Import): string[] {
  const [room, target] = [roomOf(from), roomOf(to)];
  if (TEST_CODE.test(to)) return [`${from} imports test code, ${to}`];
  if (room === target) return [];
  if (!EVERY_ROOM_MAY_IMPORT.has(target) && !MAY_IMPORT[room]?.includes(target)) {
    return [`${room} may not import ${target}: ${from} imports ${to}`];
  }
  const index = `src/${target}/index.ts`;
  const isPrivate = to !== index && existsSync(join(ROOT, index));
  return isPrivate ? [`${to} is private, but ${from} imports it: import ${index}`] : [];
}

/** Leaves out what nothing leads to and what leads nowhere, until only rooms in circles are left. */
function roomsInCircles(imports: readonly Import[]): string[] {
  let edges = imports.map(({ from, to }) => ({ from: roomOf(from), to: roomOf(to) }));
  edges = edges.filter(({ from, to }) => from !== to);
  for (;;) {
    const [sources, targets] = [new Set(edges.map(({ from }) => from)), new Set(edges.map(({ to }) => to))];
    const rest = edges.filter(({ from, to }) => targets.has(from) && sources.has(to));
    if (rest.length === edges.length) return [...sources].toSorted();
    edges = rest;
  }
}

/** A file in `src/` itself counts as a room. */
function roomOf(path: string): string {
  return path.split("/")[1] ?? path;
}

function importsOf(from: string): Import[] {
  const specifiers = readFileSync(join(ROOT, from), "utf8").matchAll(
    /\b(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g,
  );
  return [...specifiers].map(([, to]) => ({ from, to: normalize(join(dirname(from), to!)) }));
}

const imports = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
  .map((path) => join("src", path))
  .filter((path) => path.endsWith(".ts") && !TEST_CODE.test(path))
  .flatMap(importsOf);

test("rooms import only what the table allows, and only through their public files", () => {
  expect(imports.length).toBeGreaterThan(200);
  expect(imports.flatMap(violationOf)).toEqual([]);
});

test("rooms do not import each other in a circle", () => {
  expect(roomsInCircles(imports)).toEqual([]);
  const planted = { from: "src/data/pack.ts", to: "src/train/step.ts" };
  expect(roomsInCircles([...imports, planted])).toEqual(expect.arrayContaining(["data", "train"]));
});

test.each([
  ["a room that is not allowed", "src/graph/lower.ts", "src/model/index.ts", "graph may not import model"],
  ["a room that has no entry", "src/new/file.ts", "src/graph/index.ts", "new may not import graph"],
  ["a private file", "src/train/step.ts", "src/model/folder.ts", "src/model/folder.ts is private"],
  ["a fixture", "src/llm/pool.ts", "src/llm/scripted-server.fixture.ts", "imports test code"],
  ["test code", "src/model/llama.ts", "test/shared.ts", "imports test code"],
])("a planted import of %s is found", (_, from, to, message) => {
  expect(violationOf({ from, to })).toEqual([expect.stringContaining(message)]);
});
