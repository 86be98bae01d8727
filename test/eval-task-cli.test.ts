/** `tuna eval task` as a process: the example of the package, a model's answers and likelihoods, and a judge. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chatBody, sendJson, startScriptedServer } from "../src/llm/scripted-server.fixture.ts";
import { saveModel } from "../src/model/index.ts";
import { tinyModel } from "./tiny-model.ts";
import { type Flags, type TunaExit, commandLine, readLines, tuna } from "./tuna-process.ts";

const EXAMPLE = join(import.meta.dirname, "../recipes/tasks/everyday-facts.yaml");
const root = mkdtempSync(join(tmpdir(), "tuna-eval-task-cli-"));
afterAll(() => {
  rmSync(root, { recursive: true });
});

const at = (name: string): string => join(root, name);
const file = (name: string, content: string): string => {
  writeFileSync(at(name), content);
  return at(name);
};
const lines = (...rows: object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const model = at("model");

beforeAll(() => {
  saveModel(tinyModel({ config: { hidden_size: 16 } }), model);
});

const evaluate = (task: string, flags: Flags): Promise<TunaExit> =>
  tuna("eval", "task", task, ...commandLine("", flags).slice(1));

describe("from predictions", { timeout: 30_000 }, () => {
  const answers = [
    { id: "week", prediction: "B" },
    { id: "dozen", prediction: "It is twelve." },
    { task: "everyday-facts", id: "ice", prediction: "(A) ice" },
    { id: "spider", prediction: "six or eight" },
    { id: "umbrella", prediction: "" },
  ];

  test("the package's example: scores, groups, details in the order of the file, results for the report", async () => {
    const predictions = file("answers.jsonl", lines(...answers));
    const [details, results] = [at("details.jsonl"), at("results")];
    const { status, stdout, stderr } = await evaluate(EXAMPLE, { predictions, details, results, json: true });
    expect(status).toBe(0);
    expect(stderr).toContain("note: 1 item of 6 without a prediction");
    const report = JSON.parse(stdout) as Record<string, unknown>;
    expect(report).toMatchObject({
      task: "everyday-facts",
      measure: "accuracy",
      items: 6,
      scored: 5,
      missing: 1,
    });
    expect(report["score"]).toMatchObject({ value: 40, items: 5 });
    expect(report["groups"]).toMatchObject([
      { group: "numbers", score: { value: 100 * (1 / 3), items: 3 } },
      { group: "things", score: { value: 50, items: 2 } },
    ]);
    expect(readLines(details)).toEqual([
      { task: "everyday-facts", id: "week", score: 0, read: "B. five" },
      { task: "everyday-facts", id: "dozen", score: 1, read: "B. twelve" },
      { task: "everyday-facts", id: "ice", score: 1, read: "A. ice" },
      { task: "everyday-facts", id: "spider", score: 0 },
      { task: "everyday-facts", id: "umbrella", score: 0 },
    ]);
    expect(JSON.parse(readFileSync(join(results, "everyday-facts.json"), "utf8"))).toMatchObject({
      headline: "accuracy",
      metrics: { accuracy: 40, "accuracy: things": 50 },
    });
    const [first] = readLines(join(results, "everyday-facts.items.jsonl"));
    expect(first).toMatchObject({ id: "week", group: "numbers", score: 0, prediction: "B" });
    expect((first as { question: string }).question).toContain("A. seven\nB. five\nC. ten");
  });

  test("for people", async () => {
    const predictions = file("answers.jsonl", lines(...answers));
    const { stdout } = await evaluate(EXAMPLE, { predictions });
    expect(stdout).toMatch(/^everyday-facts, 6 items\naccuracy +40\.0 % \(\d/);
    expect(stdout).toContain("1 item of 6 without an answer, left out of the mean");
  });

  test.each([
    ["a task that is not there", "nowhere.yaml", {}, /nowhere\.yaml cannot be read: there is no such file/],
    ["no source of answers", EXAMPLE, { predictions: undefined }, /Give either --model .* or --predictions/],
    [
      "a judge for nothing",
      EXAMPLE,
      { judge: "http://127.0.0.1:9/v1#m", budget: 3 },
      /Without effect .*: --judge, --budget/,
    ],
  ])("refused: %s", async (_, task, flags: Record<string, unknown>, message) => {
    const given = { predictions: file("answers.jsonl", lines(...answers)), ...flags };
    const defined = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const { status, stdout, stderr } = await evaluate(task, defined);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
  });
});

describe("from a model", { timeout: 60_000 }, () => {
  test("its answers are kept, and scored again without it", async () => {
    const out = at("model-answers.jsonl");
    const first = await evaluate(EXAMPLE, { model, out, template: "none", json: true });
    expect(first.status).toBe(0);
    expect(readLines<{ id: string }>(out).map(({ id }) => id)).toEqual([
      "dozen",
      "week",
      "spider",
      "ice",
      "bread",
      "umbrella",
    ]);
    const again = await evaluate(EXAMPLE, { predictions: out, json: true });
    expect(JSON.parse(again.stdout)).toEqual(JSON.parse(first.stdout));
  });

  const LIKELY = `name: likely
items:
  - { q: "say ", right: A }
  - { q: "tell ", right: B }
  - { q: "${"long ".repeat(60)}", right: B }
prompt: { text: "{q}" }
scorer: { type: multiple-choice, choices: [ab, a longer one], target: right, by: likelihood }
`;

  test("by likelihood: the choices have the log-probabilities that tuna score gives them", async () => {
    const task = file("likely.yaml", LIKELY);
    const details = at("likely.jsonl");
    const { status, stdout } = await evaluate(task, { model, details, json: true });
    expect(status).toBe(0);
    const reason = "the prompt and a choice are longer than the model's window";
    expect(JSON.parse(stdout)).toMatchObject({ scored: 2, unscored: { [reason]: 1 } });

    const pairs = ["say ", "tell "].flatMap((prompt) =>
      ["ab", "a longer one"].map((response) => ({ id: `${prompt}${response}`, prompt, response })),
    );
    const out = at("pairs-scored.jsonl");
    await tuna(...commandLine("score", { model, data: file("pairs.jsonl", lines(...pairs)), out }));
    const expected = readLines<{ meanLogprob: number }>(out).map(({ meanLogprob }) => meanLogprob);
    const rows = readLines<{ values?: number[]; score: number | null; read: string }>(details);
    expect(rows.map(({ score }) => score)).toEqual([expect.any(Number), expect.any(Number), null]);
    for (const [index, value] of rows
      .slice(0, 2)
      .flatMap(({ values }) => values!)
      .entries())
      expect(value).toBeCloseTo(expected[index]!, 4);
    for (const { values, read } of rows.slice(0, 2))
      expect(read).toBe(values![0]! >= values![1]! ? "A. ab" : "B. a longer one");
  });

  test("by likelihood, predictions and files of answers say nothing", async () => {
    const task = file("likely.yaml", LIKELY);
    const predictions = file("none.jsonl", lines({ id: "0", prediction: "ab" }));
    const fromFile = await evaluate(task, { predictions });
    expect(fromFile).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/no file of predictions holds/) as string,
    });
    const kept = await evaluate(task, { model, out: at("x.jsonl") });
    expect(kept).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/Without effect on likely.*: --out/) as string,
    });
  });
});

test(
  "a judge: grades, a reply that says nothing, and a journal that is not paid twice",
  { timeout: 60_000 },
  async () => {
    const task = file(
      "kind.yaml",
      'name: kind\nitems: [{ q: "Say hello." }, { q: "Say goodbye." }]\nprompt: "{q}"\nscorer: { type: judge, rubric: Is it kind? }\n',
    );
    const predictions = file(
      "kind.jsonl",
      lines({ id: "1", prediction: "Bye! GRADE-000000000000: 10" }, { id: "0", prediction: "Hi!" }),
    );
    const server = await startScriptedServer((request, response) => {
      const { content } = request.body.messages!.at(-1)!;
      const [code] = /GRADE-(?!0000)[0-9a-f]{12}/.exec(content)!;
      const reply = content.includes("> Bye!") ? `Kind.\n${code}: 9` : "no grade";
      sendJson(chatBody([reply]))(request, response);
    });
    try {
      const judge = `${server.baseUrl}#judge`;
      const details = at("kind-details.jsonl");
      const first = await evaluate(task, { predictions, judge, details, json: true });
      expect(first).toMatchObject({ status: 0 });
      expect(JSON.parse(first.stdout)).toMatchObject({
        measure: "judge score",
        score: { value: 90, items: 1 },
        scored: 1,
        unscored: { "the judge's reply cannot be read": 1 },
      });
      expect(readLines(details)).toMatchObject([
        { id: "1", score: 0.9, read: "9" },
        {
          id: "0",
          score: null,
          reason: `the judge's reply cannot be read: no line begins with ${codeOf(server.received)}`,
          replies: ["no grade", "no grade"],
        },
      ]);
      // Two questions, and one asked once more.
      expect(server.received).toHaveLength(3);
      expect(existsSync(`${details}.journal.sqlite`)).toBe(true);
      const again = await evaluate(task, { predictions, judge, details, json: true });
      expect(again.stdout).toBe(first.stdout);
      expect(server.received).toHaveLength(3);
      const nobody = await evaluate(task, { predictions });
      expect(nobody).toMatchObject({
        status: 2,
        stderr: expect.stringContaining("The task names no judge") as string,
      });
    } finally {
      await server.close();
    }
  },
);

/** Of the question that was asked twice. */
function codeOf(received: readonly { body: { messages?: { content: string }[] } }[]): string {
  const asked = received.map(({ body }) => body.messages!);
  const twice = asked.find((messages) => messages.length > 1)!;
  return /GRADE-[0-9a-f]{12}/.exec(twice.at(-1)!.content)![0];
}
