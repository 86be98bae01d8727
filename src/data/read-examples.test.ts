import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { readInstructionRows, readRankedExamples, readRankedLists } from "./read-examples.ts";

const folder = mkdtempSync(join(tmpdir(), "tuna-examples-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let files = 0;
function file(content: string | Buffer, extension = "jsonl"): string {
  const path = join(folder, `${files++}.${extension}`);
  writeFileSync(path, content);
  return path;
}
const lines = (...rows: unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

const promptOf = ({ instruction, input }: { instruction: string; input: string }): string =>
  `${instruction}|${input}|`;
const readRanked = (...rows: unknown[]) => readRankedExamples(file(lines(...rows)), promptOf);
const levels = (texts: readonly { text: string; level: number }[]) =>
  texts.map(({ text, level }) => [text, level]);

describe("ranked lists", () => {
  const list = (responses: unknown[], more = {}) => ({ id: "a", instruction: "do", responses, ...more });

  test("best first, ties in the order of the file, unranked responses left out", async () => {
    const [example] = await readRanked(
      list(
        [
          { text: "worst", rank: 3 },
          { text: "tie one", rank: 1 },
          { text: "dropped by the judge" },
          { text: "best", rank: 0 },
          { text: "tie two", rank: 1 },
        ],
        { input: "it", original: "o" },
      ),
    );
    expect(levels(example!.candidates)).toEqual([
      ["best", 0],
      ["tie one", 1],
      ["tie two", 1],
      ["worst", 3],
    ]);
    expect(example).toMatchObject({ id: "a", prompt: "do|it|", original: "o" });
  });

  test("a list without responses is kept for its original", async () => {
    const [example] = await readRanked(list([], { original: "o" }));
    expect(example).toMatchObject({ candidates: [], original: "o" });
  });

  test("a list that a ranking left without ranks has no candidates", async () => {
    const ranking = { method: "proxy", model: "m" };
    const [first, second] = await readRanked(
      list(
        [
          { text: "x", rank: 0 },
          { text: "y", rank: 1 },
        ],
        { ranking },
      ),
      list([{ text: "x" }, { text: "y" }], { ranking, original: "o" }),
    );
    expect(first!.candidates).toHaveLength(2);
    expect(second).toMatchObject({ candidates: [], original: "o" });
  });

  test("a list that is not ranked yet is named", async () => {
    const rows = [list([{ text: "x", rank: 0 }]), { ...list([{ text: "x" }, { text: "y" }]), id: 17 }];
    await expect(readRanked(...rows)).rejects.toThrow(
      /\.jsonl, row "17": none of its 2 responses has a rank.*tuna rank/,
    );
  });
});

describe("rows of the authors' trainer", () => {
  const row = (output: unknown, score: unknown) => ({ id: 3, instruction: "whole prompt", output, score });

  test("by score, descending and stable; equal scores are ties; the instruction is the prompt", async () => {
    const [example] = await readRanked(row(["a", "b", "c", "d", "e"], [1, 3, 1, 2.5, 3]));
    expect(levels(example!.candidates)).toEqual([
      ["b", 0],
      ["e", 0],
      ["d", 2],
      ["a", 3],
      ["c", 3],
    ]);
    expect(example).toMatchObject({ id: "3", prompt: "whole prompt", original: undefined });
  });

  test("rows may differ in their number of outputs, and both shapes may share a file", async () => {
    const ranked = { id: 4, instruction: "do", responses: [{ text: "x", rank: 0 }] };
    const examples = await readRanked(row(["a"], [0]), row(["a", "b", "c"], [-1, -2, -3]), ranked);
    expect(examples.map(({ candidates }) => candidates.length)).toEqual([1, 3, 1]);
  });

  test.each([
    [row(["a", "b"], [1]), "output and score must be equally long"],
    [row(["a", 7], [1, 2]), "line 2, field output.1: expected string, received number"],
    [row("a", [1]), "line 2: expected a ranked list, found the keys id, instruction, output, score"],
    [row(["a"], ["1"]), "line 2, field score.0: expected number, received string"],
    [
      { id: 1, instruction: "do", responses: [{ txt: "a" }] },
      "line 2, field responses.0.text: expected string",
    ],
    [{ id: 1, instruction: "do", responses: [{ text: "a", rank: -1 }] }, "line 2, field responses.0.rank: "],
    [{ instruction: "do", responses: [] }, "line 2, field id: "],
    [{ id: 1, instruction: "do", output: "an instruction row" }, "line 2: expected a ranked list"],
    ["text", "line 2: expected object, received string"],
    [null, "line 2: expected object, received null"],
  ])("%j: %s", async (wrong, message) => {
    const path = file(lines(row(["a"], [1]), wrong));
    await expect(readRankedExamples(path, promptOf)).rejects.toThrow(message);
    await expect(readRankedExamples(path, promptOf)).rejects.toThrow(path);
  });
});

describe("instruction rows", () => {
  test("a JSON array, with a byte order mark or not; missing ids are row numbers, missing inputs empty", async () => {
    const rows = [
      { instruction: "a", output: "x" },
      { id: 7, instruction: "b", input: "i", output: "y", extra: 1 },
    ];
    const expected = [
      { id: "0", instruction: "a", input: "", output: "x" },
      { id: "7", instruction: "b", input: "i", output: "y", extra: 1 },
    ];
    expect(await readInstructionRows(file(JSON.stringify(rows), "json"))).toEqual(expected);
    expect(await readInstructionRows(file(`\uFEFF${JSON.stringify(rows)}`, "json"))).toEqual(expected);
    expect(await readInstructionRows(file(lines(...rows)))).toEqual(expected);
    const gzipped = gzipSync(`\uFEFF${JSON.stringify(rows)}`);
    expect(await readInstructionRows(file(gzipped, "json.gz"))).toEqual(expected);
  });

  test.each(["json", "jsonl"])("an input of null is none: *.%s", async (extension) => {
    const row = `{"instruction": "a", "input": null, "output": "x"}`;
    const path = file(extension === "json" ? `[${row}]` : row, extension);
    expect(await readInstructionRows(path)).toEqual([{ id: "0", instruction: "a", input: "", output: "x" }]);
  });

  test.each([
    [
      "a byte that is no UTF-8",
      Buffer.from('[{"instruction": "caf\xe9", "output": "x"}]', "latin1"),
      /utf-8/i,
    ],
    ["a character cut off at the end", Buffer.from([0x5b, 0xc3]), /utf-8/i],
    ["UTF-16", Buffer.from("\uFEFF[]", "utf16le"), /it is UTF-16 text; save it as UTF-8/],
  ])("%s in *.json is refused, never replaced", async (_, content, message) => {
    const path = file(content, "json");
    await expect(readInstructionRows(path)).rejects.toThrow(message);
    await expect(readInstructionRows(path)).rejects.toThrow(`${path} cannot be read: `);
  });

  test("a *.json.gz that is no gzip is named", async () => {
    await expect(readInstructionRows(file("[]", "json.gz"))).rejects.toThrow(
      /\.json\.gz cannot be read: incorrect header check/,
    );
  });

  test.each([
    [
      "JSON Lines named *.json",
      `{"instruction": "a", "output": "x"}\n{"instruction": "b", "output": "y"}\n`,
      "json",
      2,
    ],
    ["one row named *.json", `{"instruction": "a", "output": "x"}`, "json", 1],
    ["an array named *.jsonl", `[\n  {"instruction": "a", "output": "x"}\n]`, "jsonl", 1],
    ["gzip without its name", gzipSync(`[{"instruction": "a", "output": "x"}]`), "json", 1],
  ])("%s is read for what it is", async (_, content, extension, numRows) => {
    expect(await readInstructionRows(file(content, extension))).toHaveLength(numRows);
  });

  test.each([
    ["[]", "json", /no rows/],
    ["", "jsonl", /no rows/],
    ["\n\n", "jsonl", /no rows/],
    ["", "json", /no rows/],
    [`{\n "instruction": "a"\n}`, "json", /line 1: not JSON/],
    [`[{"instruction": "a", "output": "x"}`, "json", /the array is not closed: the file ends in row 0/],
    [`[{"instruction": "a", "output": "x"},]`, "json", /line 1, row 1: not JSON/],
    [`[{"instruction": "a", "output": "x"}] []`, "json", /line 1: there is more after the end/],
    [
      `[{"instruction": "a", "output": "x"},\n{"instruction": "a"}]`,
      "json",
      /line 2, row 1, field output: expected string/,
    ],
    [`[3]`, "json", /line 1, row 0: expected object, received number/],
    [`{"question": "a"}`, "jsonl", /line 1: expected a row of a known format, found the keys question/],
  ])("refuses %j in *.%s", async (content, extension, message) => {
    const path = file(content, extension);
    await expect(readInstructionRows(path)).rejects.toThrow(message);
    await expect(readInstructionRows(path)).rejects.toThrow(path);
  });

  test.each(["json", "jsonl"])("a missing *.%s is named", async (extension) => {
    const path = join(folder, `nowhere.${extension}`);
    await expect(readInstructionRows(path)).rejects.toThrow(`${path} cannot be read: there is no such file`);
  });
});

test("an input of null is none in ranked lists too", async () => {
  const path = file(lines({ id: 1, instruction: "do", input: null, responses: [] }));
  expect(await readRankedLists(path)).toEqual([{ id: "1", instruction: "do", input: "", responses: [] }]);
});

test("sampled lists need no ranks", async () => {
  const path = file(lines({ id: 1, instruction: "do", responses: [{ text: "" }] }));
  expect(await readRankedLists(path)).toEqual([
    { id: "1", instruction: "do", input: "", responses: [{ text: "" }] },
  ]);
  await expect(readRankedLists(file(""))).rejects.toThrow(/no rows/);
});
