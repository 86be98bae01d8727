/** `tuna eval super-ni` from outside: predictions of anyone, a model of our own, and what is refused. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { officialTask, taskLine, writeFixture } from "../src/evaluate/super-ni/data.fixture.ts";
import { saveModel } from "../src/model/index.ts";
import { hasShared, readShared } from "./shared.ts";
import { writeTinyEncoder } from "./tiny-encoder.ts";
import { tinyModel } from "./tiny-model.ts";
import { type Flags, type TunaExit, commandLine, readLines, tuna } from "./tuna-process.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-super-ni-cli-"));
const at = (name: string): string => join(root, name);
const evaluate = (flags: Flags): Promise<TunaExit> => tuna(...commandLine("eval super-ni", flags));

function lines(name: string, ...rows: unknown[]): string {
  writeFileSync(
    at(name),
    rows.map((row) => `${typeof row === "string" ? row : JSON.stringify(row)}\n`).join(""),
  );
  return at(name);
}

interface Summary extends Record<string, unknown> {
  rougeL: number;
  rouge1: number;
  exactMatch: number;
  perCategory: Record<string, Record<"rougeL" | "rouge1" | "exactMatch", number>>;
  perTask: Record<string, Record<"rougeL" | "rouge1" | "exactMatch", number>>;
}

const [TASK, OTHER] = ["task1152_bard_analogical_reasoning_causation", "task1356_xlsum_title_generation"];
const data = at("tasks");
const model = at("model");
beforeAll(() => {
  writeFixture(join(data, `${TASK}.json`), officialTask());
  const instances = [{ id: "o-1", input: "A long story", output: ["A title"] }];
  writeFixture(join(data, `${OTHER}.json`), officialTask({ category: "Title Generation", instances }));
  saveModel(tinyModel({ config: { max_position_embeddings: 1024 } }), model);
});

describe("predictions", { timeout: 30_000 }, () => {
  test("with or without their task; what is missing is told and left out, or counts as empty", async () => {
    const predictions = lines(
      "some.jsonl",
      { id: "i-2", prediction: "Small!" },
      { task: OTHER, id: "o-1", prediction: "a story" },
    );
    const [text, empty] = await Promise.all([
      evaluate({ data, predictions, details: at("details.jsonl") }),
      evaluate({ data, predictions, missing: "empty", results: at("results"), json: true }),
    ]);
    expect(text).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(
        /^note: 1 item of 3 without a prediction\nnote: they are left out; --missing empty/,
      ) as string,
    });
    expect(text.stdout).toBe(
      [
        "Super-NaturalInstructions, 2 answers to 2 tasks, in percent",
        "ROUGE-L       75.00",
        "ROUGE-1       75.00",
        "exact match   50.00",
        "",
        "category          tasks  answers  ROUGE-L  reported by  there",
        "title generation      1        1   50.00   ROUGE-L       50.00",
        "word analogy          1        1  100.00   exact match  100.00",
        "",
      ].join("\n"),
    );
    expect(readLines(at("details.jsonl"))).toEqual([
      { task: TASK, id: "i-2", rougeL: 1, rouge1: 1, exactMatch: 1 },
      { task: OTHER, id: "o-1", rougeL: 0.5, rouge1: 0.5, exactMatch: 0 },
    ]);
    expect(empty.stderr).toContain("note: 1 of them count as empty answers\n");
    expect(JSON.parse(empty.stdout)).toMatchObject({
      rougeL: 50,
      numAnswers: 3,
      numWithoutAnswer: 0,
      numTasks: 2,
    });
    expect(readLines(at("results/super-ni-0-shot.items.jsonl"))).toHaveLength(3);
  });

  test("rows of nothing that is there, and two of one item, are refused in one message", async () => {
    const unknown = lines("unknown.jsonl", { id: "i-9", prediction: "" });
    const twins = lines(
      "twins.jsonl",
      { id: "i-1", prediction: "" },
      { task: TASK, id: "i-1", prediction: "x" },
    );
    const [first, second] = await Promise.all([
      evaluate({ data, predictions: unknown }),
      evaluate({ data, predictions: twins }),
    ]);
    expect(first).toMatchObject({ status: 2, stdout: "" });
    expect(first.stderr).toMatch(/row 1 is for id "i-9", but the data has 3 items/);
    expect(second).toMatchObject({ status: 2, stdout: "" });
    expect(second.stderr).toMatch(/rows 1 and 2 are both for/);
  });

  test("a hostile megabyte is scored", async () => {
    const predictions = lines("huge.jsonl", { id: "i-1", prediction: "right ".repeat(170_000) });
    const { status, stdout } = await evaluate({ data, predictions, json: true });
    expect(status).toBe(0);
    expect((JSON.parse(stdout) as Summary).exactMatch).toBe(0);
  });
});

test(
  "--bertscore gives each answer the BERTScore that eval bertscore gives it",
  { timeout: 60_000 },
  async () => {
    const encoder = writeTinyEncoder(at("encoder"));
    const predictions = lines(
      "for-bertscore.jsonl",
      { id: "o-1", prediction: "a story" },
      { id: "i-1", prediction: "the right" },
    );
    const pairs = lines(
      "pairs.jsonl",
      { prediction: "a story", target: "A title" },
      { prediction: "the right", target: ["right", "the right side"] },
    );
    const [details, expected] = [at("bertscore-details.jsonl"), at("bertscore-expected.jsonl")];
    const flags = { layer: 2, threads: 1, json: true } as const;
    const [run, alone, idle, unknownLayer] = await Promise.all([
      evaluate({ data, predictions, details, bertscore: encoder, results: at("bertscore"), ...flags }),
      tuna(...commandLine("eval bertscore", { pairs, encoder, details: expected, ...flags })),
      evaluate({ data, predictions, layer: 2 }),
      evaluate({ data, model, bertscore: encoder }),
    ]);
    expect(run.status).toBe(0);
    const ofPairs = readLines<{ fmeasure: number }>(expected).map(({ fmeasure }) => fmeasure);
    expect(readLines(details)).toMatchObject([
      { id: "o-1", rougeL: 0.5, bertScore: ofPairs[0] },
      { id: "i-1", rougeL: 0.8, bertScore: ofPairs[1] },
    ]);
    const mean = (JSON.parse(alone.stdout) as { fmeasure: number }).fmeasure * 100;
    const bertScore = expect.closeTo(mean, 3) as number;
    expect(JSON.parse(run.stdout)).toMatchObject({
      bertScore,
      bertScoreSettings: { encoder, layer: 2, idf: false, baseline: null },
      perTask: { [OTHER]: { bertScore: expect.closeTo(100 * ofPairs[0]!, 3) as number } },
    });
    expect(JSON.parse(readFileSync(at("bertscore/super-ni-0-shot.json"), "utf8"))).toMatchObject({
      metrics: { bertScore },
    });
    expect(idle).toMatchObject({ status: 2, stderr: expect.stringMatching(/go with --bertscore/) as string });
    // Before the model is asked anything.
    expect(unknownLayer).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^error: No layer is known to suit .*encoder/) as string,
    });
  },
);

test("flags that do not go together, and data that do not fit", { timeout: 30_000 }, async () => {
  const broken = writeFixture(at("task1_broken.json"), { ...officialTask(), Definition: 3 });
  const predictions = lines("any.jsonl", { id: "i-1", prediction: "" });
  const [neither, both, missing, fault] = await Promise.all([
    evaluate({ data }),
    evaluate({ data, model, predictions }),
    evaluate({ data, model, missing: "empty" }),
    evaluate({ data: broken, predictions, json: true }),
  ]);
  for (const { status } of [neither, both, missing, fault]) expect(status).toBe(2);
  expect(neither.stderr).toMatch(/Give either --model/);
  expect(both.stderr).toMatch(/Give either --model/);
  expect(missing.stderr).toMatch(/--missing goes with --predictions/);
  expect(JSON.parse(fault.stdout)).toMatchObject({ error: { code: "super-ni-task-invalid" } });
  expect(fault.stderr).toMatch(/task1_broken\.json, field Definition: expected text/);
});

test(
  "a model answers all of it, keeps its answers, and they score alike as predictions",
  { timeout: 60_000 },
  async () => {
    const out = at("answers.jsonl");
    const flags = { data, shots: 2, json: true } as const;
    const asked = await evaluate({ ...flags, model, out, results: at("evaluation") });
    expect(asked).toMatchObject({ status: 0, stderr: "" });
    const [again, scored] = await Promise.all([
      evaluate({ ...flags, model, out }),
      evaluate({ ...flags, predictions: out }),
    ]);
    const otherForm = await evaluate({ ...flags, model, out, form: "tk" });
    expect(again.stderr).toMatch(/already answered/);
    expect([again.stdout, scored.stdout]).toEqual([asked.stdout, asked.stdout]);
    expect(JSON.parse(asked.stdout)).toMatchObject({ numAnswers: 3, numTasks: 2 });
    const result = JSON.parse(readFileSync(at("evaluation/super-ni-2-shot.json"), "utf8")) as object;
    expect(result).toMatchObject({ benchmark: "super-ni-2-shot", headline: "rougeL" });
    expect(otherForm.stderr).toMatch(/--overwrite/);
  },
);

interface GoldenAnswer {
  task: string;
  id: string;
  category: string;
  prediction: string;
  references: string[];
  exact_match: boolean;
  rouge1: number;
  rougeL: number;
}

interface Golden {
  results: Record<"overall" | "per_category" | "per_task", Record<string, number>>;
  examples: GoldenAnswer[];
}

test.skipIf(!hasShared)("the golden predictions give the golden figures", { timeout: 30_000 }, async () => {
  const { results, examples } = readShared<Golden>("superni/golden_metrics.json");
  const details = at("golden-details.jsonl");
  const run = await evaluate({
    data: lines("golden-tasks.jsonl", ...tasksOf(examples)),
    predictions: lines(
      "golden.jsonl",
      ...examples.map(({ task, id, prediction }, index) => ({
        ...(index % 2 === 0 && { task }),
        id,
        prediction,
      })),
    ),
    details,
    json: true,
  });
  const { rougeL, rouge1, exactMatch, perCategory, perTask } = JSON.parse(run.stdout) as Summary;
  expect({ rougeL, rouge1, exact_match: exactMatch }).toEqual(results.overall);
  expect(flat(perCategory)).toEqual(results.per_category);
  expect(flat(perTask)).toEqual(results.per_task);
  expect(readLines(details)).toEqual(
    examples.map(({ task, id, exact_match, rouge1: one, rougeL: longest }) => ({
      task,
      id,
      rougeL: expect.closeTo(longest, 12) as number,
      rouge1: expect.closeTo(one, 12) as number,
      exactMatch: Number(exact_match),
    })),
  );
});

/** The golden answers have references of their own. */
function tasksOf(examples: readonly GoldenAnswer[]): object[] {
  return [...new Set(examples.map(({ task }) => task))].map((name) => {
    const answers = examples.filter(({ task }) => task === name);
    const instances = answers.map(({ id, references }) => ({ id, input: "", output: references }));
    return taskLine(name, { category: answers[0]!.category, instances });
  });
}

/** By the original's names: `rougeL_for_title_generation`. */
function flat(groups: Summary["perCategory"]): Record<string, number> {
  return Object.fromEntries(
    Object.entries(groups).flatMap(([group, { rougeL, rouge1, exactMatch }]) => [
      [`rougeL_for_${group}`, rougeL],
      [`rouge1_for_${group}`, rouge1],
      [`exact_match_for_${group}`, exactMatch],
    ]),
  );
}
