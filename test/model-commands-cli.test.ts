/** `tuna score`, `generate` and `eval ranking` as processes, and what every command says to wrong input. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodePair, numLabels } from "../src/data/encode.ts";
import { Scorer } from "../src/generate/score.ts";
import { loadModel, saveModel } from "../src/model/index.ts";
import { hasShared, readShared, sharedPath } from "./shared.ts";
import { tinyModel } from "./tiny-model.ts";
import { type Flags, commandLine, readLines, tuna } from "./tuna-process.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-commands-cli-"));
afterAll(() => {
  rmSync(root, { recursive: true });
});

const at = (name: string): string => join(root, name);
const file = (name: string, content: string): string => {
  writeFileSync(at(name), content);
  return at(name);
};
const lines = (...rows: unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const model = at("model");

beforeAll(() => {
  saveModel(tinyModel({ config: { hidden_size: 32, max_position_embeddings: 64 } }), model);
});

describe("score", { timeout: 30_000 }, () => {
  const rows = [
    { id: "long", prompt: "a prompt of some length:", response: "a response of some length" },
    { id: 2, prompt: "p:", response: "", extra: { kept: true } },
    { id: "c", prompt: "p:", response: ") merged" },
    { id: "d", prompt: "", response: "from nothing" },
  ];
  const score = (data: string, out: string, more: Flags = {}) =>
    tuna(...commandLine("score", { model, data, out, ...more }));

  test("rows in their order, with the log-probabilities of the responses, EOS counted", async () => {
    const out = at("scored.jsonl");
    const { status, stdout } = await score(file("rows.jsonl", lines(...rows)), out, { json: true });
    expect([status, JSON.parse(stdout)]).toMatchObject([0, { out, rows: 4 }]);
    const scored = readLines<{ logprob: number; numTokens: number; meanLogprob: number }>(out);
    expect(scored).toMatchObject(rows);
    expect(scored.map(({ numTokens }) => numTokens)).toEqual([26, 1, 8, 13]);

    const loaded = loadModel(model);
    const scorer = await Scorer.open(loaded);
    for (const [index, row] of rows.entries()) {
      const sequence = encodePair(loaded.tokenizer, row, { maxLength: 64, eosId: loaded.eosIds[0] });
      const [alone] = (await scorer.score([[sequence]]))[0]!;
      expect(scored[index]!.logprob).toBeCloseTo(alone!.logprob, 3);
      expect(scored[index]!.meanLogprob).toBeCloseTo(scored[index]!.logprob / numLabels(sequence), 10);
    }
    await scorer.close();
  });

  test("a row that exceeds the model's window is named, and nothing is written", async () => {
    // BOS, 62 characters and EOS are 64; the last token is only predicted, so that one more fits.
    const fits = { id: "fits", prompt: "p", response: "r".repeat(62) };
    const long = { id: "too long", prompt: "p", response: "r".repeat(63) };
    expect((await score(file("fits.jsonl", lines(fits)), at("fits-out.jsonl"))).status).toBe(0);
    const { status, stderr } = await score(file("long.jsonl", lines(fits, long)), at("long-out.jsonl"));
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: Row "too long" has 66 tokens; the model's window is 64\. /);
    expect(readLines(at("long-out.jsonl"))).toEqual([]);
  });
});

describe("generate", { timeout: 30_000 }, () => {
  const generate = (flags: Flags) => tuna(...commandLine("generate", { model, prompt: "ask:", ...flags }));

  test("text alone on stdout, ids and log-probabilities with --json; greedy repeats itself", async () => {
    const flags = { "max-tokens": 5 };
    const [text, json] = await Promise.all([generate(flags), generate({ ...flags, json: true })]);
    expect(text.stderr).toBe("");
    const result = JSON.parse(json.stdout) as { text: string; tokenIds: number[]; tokenLogprobs: number[] };
    expect(text.stdout.trimEnd()).toBe(result.text.trimEnd());
    expect(result.tokenIds).toHaveLength(5);
    expect(result.tokenLogprobs).toHaveLength(5);
    expect(loadModel(model).tokenizer.decode(result.tokenIds)).toBe(result.text);
  });

  test("a prompt that fills the window is an error", async () => {
    const { status, stdout, stderr } = await generate({ prompt: "a".repeat(80) });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^error: Prompt "prompt" has 81 tokens and fills the model's window of 64\.\n$/);
  });

  test("a model that diverged is an error, not token 0", async () => {
    const broken = tinyModel({ config: { hidden_size: 32 } });
    broken.parameters.get("norm")!.fill(Number.NaN);
    saveModel(broken, at("broken-model"));
    const { status, stderr } = await generate({ model: at("broken-model") });
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining("error: The model gives no distribution of the next token"),
    ]);
  });

  test.skipIf(!hasShared)("real weights: the golden continuation", async () => {
    interface Golden {
      cases: { prompt: string; out_ids: number[] }[];
    }
    const [{ prompt, out_ids }] = readShared<Golden>("llama2c/golden_generate.json").cases as [
      Golden["cases"][number],
    ];
    const flags = { model: sharedPath("stories260K"), prompt, "max-tokens": 32, json: true } as const;
    const { tokenIds } = JSON.parse((await generate(flags)).stdout) as { tokenIds: number[] };
    expect(tokenIds).toEqual(out_ids.slice(0, 32));
  });
});

test("eval ranking: both shapes of rows, in one line of JSON", { timeout: 30_000 }, async () => {
  const data = file(
    "held-out.jsonl",
    lines(
      {
        id: 1,
        instruction: "say:",
        original: "o",
        responses: [
          { text: "ab", rank: 1 },
          { text: "c", rank: 0 },
        ],
      },
      { id: 2, instruction: "say:", output: ["x", "y", "z"], score: [1, 3, 2] },
    ),
  );
  const flags = { model, data, template: "none", json: true } as const;
  const { status, stdout } = await tuna(...commandLine("eval ranking", flags));
  expect(status).toBe(0);
  const result = JSON.parse(stdout) as Record<string, number>;
  expect(result).toMatchObject({ examples: 2, pairs: 4 });
  expect(result["loss"]).toBeCloseTo(result["rankLoss"]! + result["mleLoss"]!, 10);
});

test("eval ranking: examples that do not count are named", { timeout: 30_000 }, async () => {
  const list = (id: string, responses: string[], more = {}) => ({
    id,
    instruction: "say:",
    responses: responses.map((text, rank) => ({ text, rank })),
    ...more,
  });
  const rows = [
    list("good", ["ab", "c"]),
    list("single", ["ab"]),
    list("bare", []),
    list("long", ["ab", "c"], { instruction: "a".repeat(80) }),
  ];
  const evaluate = (data: string, more: Flags) =>
    tuna(...commandLine("eval ranking", { model, data, template: "none", ...more }));
  const data = file("partly.jsonl", lines(...rows));
  const [text, json] = await Promise.all([evaluate(data, {}), evaluate(data, { json: true })]);
  for (const line of [
    "1 example dropped (long): the prompt fills the window",
    "1 example dropped (bare): no response that the objective uses",
    "1 example without a pair (single)",
  ]) {
    expect(text.stdout.split("\n")).toContain(line);
  }
  expect(JSON.parse(json.stdout)).toMatchObject({
    examples: 2,
    dropped: 2,
    withoutPairs: ["single"],
    summary: { promptFillsWindow: ["long"], withoutResponses: ["bare"] },
  });

  const nothing = await evaluate(file("nothing.jsonl", lines(rows[2])), {});
  expect(nothing).toMatchObject({ status: 2, stdout: "" });
  expect(nothing.stderr).toMatch(/^error: No example can be evaluated: 1 example without a response/);
});

describe("wrong input: exit code 2, one clear message on stderr, and an error or nothing on stdout", () => {
  const array = `[{"instruction": "a", "output": "x", "prompt": "p", "response": "r", "id": 1}]`;
  const good = lines({ id: 1, instruction: "a", output: "x", prompt: "p", response: "r" });
  const ranked = lines({ id: 1, instruction: "a", responses: [{ text: "x", rank: 0 }] });
  const unranked = lines({ id: 1, instruction: "a", responses: [{ text: "x" }] });
  const inputs = (): Record<string, string> => ({
    array: file("array.jsonl", array),
    good: file("good.jsonl", good),
    unranked: file("unranked.jsonl", unranked),
    empty: file("empty.jsonl", ""),
  });

  /** By command: the flag that takes data, and the rest of a valid call. */
  const commands: Record<string, Flags> = {
    sft: { model, out: at("x-run") },
    train: { model, out: at("x-run") },
    sample: { model, out: at("x.jsonl") },
    score: { model, out: at("x.jsonl") },
    "rank probabilistic": { out: at("x.jsonl") },
    "rank contextual": { judge: "http://127.0.0.1:9/v1#m", out: at("x.jsonl") },
    "eval ranking": { model },
  };
  const names = Object.keys(commands);

  async function expectRefusal(argv: readonly string[], message: RegExp): Promise<void> {
    const { status, stdout, stderr } = await tuna(...argv, "--json");
    const [line, ...more] = stderr.trimEnd().split("\n");
    expect(line).toMatch(message);
    expect(line).toMatch(/^error: /);
    expect([status, more]).toEqual([2, []]);
    const code = expect.stringMatching(/^[a-z-]+$/) as string;
    expect(JSON.parse(stdout)).toEqual({ error: { code, message: line!.slice("error: ".length) } });
  }

  test.each(names)(
    "%s: a mistyped flag, no data, and a file that is not there",
    { timeout: 30_000 },
    async (name) => {
      const flags = commands[name]!;
      await expectRefusal(
        commandLine(name, { ...flags, dta: "x" }),
        /unknown flag --dta; did you mean --data\?/,
      );
      await expectRefusal(commandLine(name, flags), /missing --data/);
      const data = at("nowhere.jsonl");
      await expectRefusal(commandLine(name, { ...flags, data }), /nowhere\.jsonl.*no such file/);
    },
  );

  test.each(names)("%s: an empty file", { timeout: 30_000 }, async (name) => {
    const data = inputs()["empty"]!;
    await expectRefusal(commandLine(name, { ...commands[name], data }), /empty\.jsonl: no rows/);
  });

  test("score: an array for lines", { timeout: 30_000 }, async () => {
    await expectRefusal(
      commandLine("score", { ...commands["score"], data: inputs()["array"]! }),
      /array\.jsonl, line 1: this looks like one JSON array; expected is one JSON object a line/,
    );
  });

  const ofLists = names.filter((name) => name === "train" || name.includes(" "));
  test.each(ofLists)("%s: instruction data for lists", { timeout: 30_000 }, async (name) => {
    const data = inputs()["array"]!;
    await expectRefusal(
      commandLine(name, { ...commands[name], data }),
      /array\.jsonl, line 1, row 0: expected a ranked list, found the keys instruction, output/,
    );
  });

  test.each(["train", "eval ranking"])("%s: data that is not ranked", { timeout: 30_000 }, async (name) => {
    const { unranked: data, good: instructions } = inputs();
    const flags = commands[name]!;
    await expectRefusal(
      commandLine(name, { ...flags, data: data! }),
      /unranked\.jsonl, row "1": none of its 1 responses has a rank/,
    );
    await expectRefusal(
      commandLine(name, { ...flags, data: instructions! }),
      /good\.jsonl, line 1: expected a ranked list/,
    );
  });

  test.each(names.filter((name) => "model" in commands[name]!))(
    "%s: a model folder that is missing or empty",
    { timeout: 30_000 },
    async (name) => {
      const data = name === "train" || name === "eval ranking" ? file("r.jsonl", ranked) : inputs()["good"]!;
      const flags = { ...commands[name], data };
      await expectRefusal(
        commandLine(name, { ...flags, model: at("no-model") }),
        /no-model: no such (file or )?folder/,
      );
      await expectRefusal(
        commandLine(name, { ...flags, model: mkdtempSync(at("empty-")) }),
        /empty-\w+.config\.json/,
      );
    },
  );
  test("the judge's reference is malformed", async () => {
    const data = file("sampled.jsonl", unranked);
    await expectRefusal(
      commandLine("rank contextual", { data, out: at("y.jsonl"), judge: "http://127.0.0.1:9/v1" }),
      /there is no # between the server's URL and the model's name/,
    );
  });

  test("an output that cannot be written", async () => {
    const responses = [{ text: "x", logprob: -1, numTokens: 2 }];
    const data = file("sampled.jsonl", lines({ id: 1, instruction: "a", responses }));
    const occupied = file("a-file", "");
    const out = join(occupied, "below.jsonl");
    await expectRefusal(
      commandLine("rank probabilistic", { data, out }),
      /a-file cannot be written: it is a file/,
    );
    const instructions = inputs()["good"]!;
    await expectRefusal(
      commandLine("sft", { model, data: instructions, out: occupied }),
      /a-file cannot be written: it is a file/,
    );
    await expectRefusal(
      commandLine("sample", { model, data: instructions, out: root }),
      /is a folder; name the file to write/,
    );
    expect(readFileSync(occupied, "utf8")).toBe("");
  });
});
