/** `tuna data ...`, from the command line to the files. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { main } from "../src/cli/main.ts";
import { tinyTokenizer } from "./tiny-model.ts";
import { readLines } from "./tuna-process.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-data-"));
afterAll(() => {
  rmSync(root, { recursive: true });
});

let files = 0;
function file(rows: readonly unknown[] | string, name = "rows.jsonl"): string {
  const path = join(root, `${files++}-${name}`);
  const text = typeof rows === "string" ? rows : rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  writeFileSync(path, text);
  return path;
}
const outPath = (name: string): string => join(root, `${files++}-${name}`);

/** The exit code, the value of `--json`, and what people are told. */
async function tuna(command: string, flags: Readonly<Record<string, string | number | readonly string[]>>) {
  const texts = { stdout: "", stderr: "" };
  const stream = (name: "stdout" | "stderr") => ({
    write: (text: string) => (texts[name] += text),
    on() {},
  });
  const given = Object.entries(flags).flatMap(([name, value]) => [
    `--${name}`,
    ...[value].flat().map(String),
  ]);
  const argv = [...command.split(" "), ...given, "--json"];
  const status = await main(argv, { stdout: stream("stdout"), stderr: stream("stderr"), env: {} });
  return { status, value: JSON.parse(texts.stdout) as Record<string, unknown>, stderr: texts.stderr };
}

const list = (id: string, ...texts: string[]) => ({
  id,
  instruction: `do ${id}`,
  input: "",
  original: "o o",
  responses: texts.map((text, rank) => ({ text, rank })),
});
const alpaca = (instruction: string) => ({ instruction, input: "", output: "o" });

describe("data convert", () => {
  test("says what a format does not keep, and comes back where it keeps all", async () => {
    const { original: _, ...plain } = list("a", "x", "y", "z");
    const data = file([plain, list("b", "x", "y")]);
    const pairs = outPath("pairs.csv.gz");
    const { value, stderr } = await tuna("data convert", { data, to: "trl-dpo", out: pairs });
    expect(value).toMatchObject({ format: "trl-dpo", read: 2, written: 4, empty: 0, lost: { original: 1 } });
    expect(stderr).toContain("note: not kept in trl-dpo: original (1 row)");
    expect(gunzipSync(readFileSync(pairs)).toString()).toMatch(/^id,prompt,chosen,rejected\na,"Below is/);
    const back = outPath("back.jsonl");
    await tuna("data convert", { data: pairs, out: back });
    expect(readLines(back)[0]).toEqual(plain);
  });

  test("bad rows end the run with their place, or go to the rejects and are counted", async () => {
    const text =
      '[{"instruction": "a", "output": "b"},\n {"instruction": 3, "output": "b"},\n {"instruction" "c"}]';
    const data = file(text, "rows.json");
    const out = outPath("rows.json");
    const stopped = await tuna("data convert", { data, out });
    expect(stopped.status).toBe(2);
    expect(stopped.stderr).toContain(
      `${data}, line 2, row 1, field instruction: expected string, received number`,
    );
    expect(existsSync(out)).toBe(false);

    const rejects = outPath("rejects.jsonl");
    const { status, value } = await tuna("data convert", { data, out, rejects });
    expect([status, value]).toEqual([0, expect.objectContaining({ written: 1, rejected: 2 })]);
    expect(JSON.parse(readFileSync(out, "utf8"))).toEqual(
      [alpaca("a")].map((row) => ({ ...row, output: "b" })),
    );
    expect(readLines(rejects)).toEqual([
      {
        file: data,
        line: 2,
        row: 1,
        field: "instruction",
        reason: "expected string, received number",
        content: { instruction: 3, output: "b" },
      },
      {
        file: data,
        line: 3,
        row: 2,
        field: "",
        reason: expect.stringContaining("not JSON: ") as string,
        content: '\n {"instruction" "c"}',
      },
    ]);
  });

  test("a row that the other format cannot hold is bad too", async () => {
    const data = file([list("a", "x", "y"), { ...list("b", "x", "y"), original: undefined }]);
    const stopped = await tuna("data convert", { data, to: "alpaca", out: outPath("rows.jsonl") });
    expect(stopped).toMatchObject({ status: 2 });
    expect(stopped.stderr).toContain(
      'row "b", field original: is missing; to take responses of the list instead: --outputs best',
    );
    const rejects = outPath("rejects.jsonl");
    const { value } = await tuna("data convert", { data, to: "alpaca", out: outPath("rows.jsonl"), rejects });
    expect(value).toMatchObject({ written: 1, rejected: 1 });
  });

  test("no row is good: an error, whatever happens to the rejects", async () => {
    const data = file([{ instruction: 1 }, { instruction: 2 }]);
    const { status, stderr } = await tuna("data convert", {
      data,
      out: outPath("o.jsonl"),
      rejects: outPath("r.jsonl"),
    });
    expect(status).toBe(2);
    expect(stderr).toMatch(/None of the rows can be used; the first: .*line 1, field instruction/);
  });

  test.each([
    ["a file of no kind", { out: "rows.txt" }, "its name does not say what to write"],
    [
      "the rejects as output",
      { out: "o.jsonl", rejects: "o.jsonl" },
      "--out and --rejects are the same file",
    ],
    ["a format that is none", { out: "o.jsonl", to: "alpacca" }, "--to: expected one of alpaca, messages"],
  ])("%s is refused", async (_, flags, message) => {
    const inRoot = Object.fromEntries(
      Object.entries(flags).map(([name, value]) => [name, name === "to" ? value : join(root, value)]),
    );
    const { status, stderr } = await tuna("data convert", { data: file([alpaca("a")]), ...inRoot });
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });

  test("the input is not overwritten", async () => {
    const data = file([alpaca("a")]);
    expect((await tuna("data convert", { data, out: data })).stderr).toContain("is the file that --data");
    expect((await tuna("data join", { data: [file([alpaca("b")]), data], out: data })).status).toBe(2);
  });

  test.each(["csv", "parquet"])(
    "a field that comes too late for a column of *.%s is named",
    async (extension) => {
      const rows = Array.from({ length: 10_001 }, (_, index) =>
        index < 10_000 ? alpaca("a") : { ...alpaca("a"), late: 1 },
      );
      const out = outPath(`rows.${extension}`);
      const { status, stderr } = await tuna("data convert", { data: file(rows), out });
      expect([status, existsSync(out)]).toEqual([2, false]);
      expect(stderr).toContain("The field late is in none of the first 10000 rows");
    },
  );
});

test("data describe: lengths by rank, ties, duplicates, sources, in words and tokens", async () => {
  const model = join(root, "model");
  const tokenizer = tinyTokenizer("abo ");
  mkdirSync(model);
  writeFileSync(join(model, "tokenizer.json"), tokenizer.tokenizer);
  writeFileSync(join(model, "tokenizer_config.json"), tokenizer.config);
  const data = file([
    { ...list("a", "b b b", "b b", "b"), ranking: { method: "contextual" } },
    {
      ...list("b"),
      responses: [{ text: "b", rank: 0, source: "s" }, { text: "b", rank: 0, source: "s" }, { text: "" }],
    },
    { ...list("b"), original: undefined },
  ]);
  const { value } = await tuna("data describe", { data, model });
  const mean = (count: number, of: number | null) => ({ count, mean: of });
  expect(value).toEqual({
    data,
    rows: 3,
    lists: 3,
    withOriginal: 2,
    withInput: 0,
    responses: 6,
    responsesPerList: { "0": 1, "3": 2 },
    unranked: 1,
    withTies: 1,
    duplicates: { instructions: 1, ids: 1, responses: 1 },
    sources: { s: 2 },
    rankings: { contextual: 1 },
    rejected: 0,
    lengths: {
      words: {
        instruction: mean(3, 2),
        input: mean(0, null),
        original: mean(2, 2),
        responses: mean(6, 8 / 6),
        byRank: [mean(3, 5 / 3), mean(1, 2), mean(1, 1)],
      },
      tokens: {
        instruction: expect.anything() as object,
        input: mean(0, null),
        original: mean(2, 3),
        responses: mean(6, 11 / 6),
        byRank: [mean(3, 7 / 3), mean(1, 3), mean(1, 1)],
      },
    },
  });
});

describe("data join, split, sample, dedupe", () => {
  test("a mix of lists and instruction data holds lists", async () => {
    const out = outPath("mix.jsonl");
    const data = [file([alpaca("a")], "a.jsonl"), file([list("0", "x", "y")])];
    const { value } = await tuna("data join", { data, out });
    expect(value).toMatchObject({ rows: 2, renamed: 1 });
    expect(readLines(out)).toEqual([
      { id: "0", instruction: "a", input: "", original: "o", responses: [] },
      { ...list("0", "x", "y"), id: "0~2" },
    ]);
  });

  test("parts share no instruction, and hold all rows", async () => {
    const rows = Array.from({ length: 60 }, (_, index) => ({
      ...alpaca(`Task ${index % 20}.`),
      input: String(index),
    }));
    const out = join(root, "parts");
    const { value } = await tuna("data split", {
      data: file(rows),
      out,
      parts: ["train=0.7", "test=0.3"],
      seed: 3,
    });
    const [train, tests] = ["train", "test"].map((name) =>
      readLines<(typeof rows)[number]>(join(out, `${name}.jsonl`)),
    );
    expect(value).toMatchObject({ rows: { train: 42, test: 18 } });
    const instructions = new Set(train!.map(({ instruction }) => instruction));
    expect(tests!.filter(({ instruction }) => instructions.has(instruction))).toEqual([]);
    expect([...train!, ...tests!].map(({ input }) => Number(input)).toSorted((a, b) => a - b)).toEqual([
      ...rows.keys(),
    ]);
  });

  test("what is behind the first rows keeps its ids", async () => {
    const out = outPath("rest.jsonl");
    const data = file([alpaca("a"), alpaca("b"), alpaca("c")]);
    await tuna("data sample", { data, skip: 1, out });
    expect(readLines(out)).toEqual([
      { id: "1", ...alpaca("b") },
      { id: "2", ...alpaca("c") },
    ]);
    const { stderr } = await tuna("data sample", { data, out });
    expect(stderr).toContain("Say which rows to take");
  });

  test("duplicates are counted", async () => {
    const data = file([alpaca("Add."), alpaca("Add."), alpaca("add")]);
    const { value } = await tuna("data dedupe", { data, out: outPath("d.jsonl"), by: "normalized" });
    expect(value).toMatchObject({ rows: 1, dropped: 2 });
    const { stderr } = await tuna("data dedupe", { data, out: outPath("d.jsonl"), threshold: 0.5 });
    expect(stderr).toContain("have an effect with --by rouge only");
  });
});

describe("commands that read lists take every format that holds them", () => {
  const rows = [0, 1].map((index) => ({
    orig: { instruction: `do ${index}`, input: "", output: "o" },
    text: ["a", "b"],
    avg_token_prob: [-1, -0.5],
    length: [2, 4],
    logprob: [-2, -2],
  }));

  test.each(["json", "jsonl.gz", "csv", "parquet"])(
    "rank probabilistic, from lmops-probabilistic in *.%s",
    async (extension) => {
      const data = outPath(`sampled.${extension}`);
      expect(
        (await tuna("data convert", { data: file(rows), to: "lmops-probabilistic", out: data })).status,
      ).toBe(0);
      const out = outPath("ranked.jsonl");
      expect((await tuna("rank probabilistic", { data, out })).status).toBe(0);
      const ranked = readLines<{ responses: { rank: number }[] }>(out);
      expect(ranked.map(({ responses }) => responses.map(({ rank }) => rank))).toEqual([
        [1, 0],
        [1, 0],
      ]);
    },
  );

  test("--format decides where keys do not, and must hold lists", async () => {
    const data = file([alpaca("a")]);
    const { stderr } = await tuna("rank probabilistic", { data, out: outPath("r.jsonl") });
    expect(stderr).toContain("line 1: expected a ranked list, found the keys instruction, input, output");
    const refused = await tuna("rank probabilistic", { data, format: "alpaca", out: outPath("r.jsonl") });
    expect(refused.stderr).toContain("rows of the format alpaca hold no ranked lists");
    const forced = await tuna("rank probabilistic", { data, format: "ranked", out: outPath("r.jsonl") });
    expect(forced.stderr).toContain("line 1, field id: ");
  });
});
