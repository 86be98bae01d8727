/** `--template chat` as users have it: training, sampling and evaluation with a model's own chat template. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadModel, saveModel } from "../src/model/index.ts";
import { tinyModel } from "./tiny-model.ts";
import { type Flags, type TunaExit, commandLine, readLines, tuna } from "./tuna-process.ts";

const TEMPLATE =
  "{{ bos_token }}{% for m in messages %}{{ m.role }}: {{ m.content }}{{ eos_token if m.role == 'assistant' }}\n" +
  "{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}";

const root = mkdtempSync(join(tmpdir(), "tuna-chat-cli-"));
const at = (name: string): string => join(root, name);
const data = at("data.jsonl");
const ranked = at("ranked.jsonl");

beforeAll(() => {
  saveModel(tinyModel(), at("plain"));
  saveModel(tinyModel(), at("chat"));
  writeFileSync(join(at("chat"), "chat_template.jinja"), TEMPLATE);
  writeFileSync(data, `${JSON.stringify({ id: "a", instruction: "add:", input: "1 2", output: "3" })}\n`);
  const responses = [
    { text: "3", rank: 0 },
    { text: "4", rank: 1 },
  ];
  writeFileSync(ranked, `${JSON.stringify({ id: "a", instruction: "add:", original: "3", responses })}\n`);
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

const run = (command: string, flags: Flags): Promise<TunaExit> =>
  tuna(...commandLine(command, { template: "chat", ...flags }));
const succeed = async (command: string, flags: Flags): Promise<TunaExit> => {
  const exit = await run(command, flags);
  expect(exit).toMatchObject({ status: 0 });
  return exit;
};
const numResponseTokens = (stderr: string): string | undefined => /(\d+) response tokens/.exec(stderr)?.[1];

test("sft, train, sample and eval ranking", { timeout: 60_000 }, async () => {
  const sft = await succeed("sft", { model: at("chat"), data, out: at("sft"), epochs: 1, "batch-size": 1 });
  // The answer's only character, and EOS.
  expect(numResponseTokens(sft.stderr)).toBe("2");
  expect(JSON.parse(readFileSync(join(at("sft"), "tuna.json"), "utf8"))).toEqual({ template: "chat" });
  expect(readFileSync(join(at("sft"), "chat_template.jinja"), "utf8")).toBe(TEMPLATE);
  expect(loadModel(at("sft")).template).toBe("chat");

  const train = { model: at("sft"), data: ranked, out: at("tuna"), epochs: 1, "batch-size": 1 };
  expect((await succeed("train", train)).stderr).not.toContain("note:");
  const sample = { model: at("tuna"), data, n: 2, "max-tokens": 3, "rouge-threshold": 0 };
  expect((await succeed("sample", { ...sample, out: at("own.jsonl") })).stderr).not.toContain("note:");
  const [list] = readLines<{ responses: unknown[] }>(at("own.jsonl"));
  expect(list!.responses).toHaveLength(2);

  // Another template is another prompt, and worth a word.
  const other = await succeed("sample", { ...sample, out: at("other.jsonl"), template: "none" });
  const note = `note: ${at("tuna")} was trained with --template chat; with none it is asked in a form that it was not trained on`;
  expect(other.stderr.split("\n")).toContain(note);
  const evaluate = async (template: string): Promise<{ loss: number }> => {
    const flags = { model: at("tuna"), data: ranked, template, json: true } as const;
    return JSON.parse((await succeed("eval ranking", flags)).stdout) as { loss: number };
  };
  const [chat, none] = [await evaluate("chat"), await evaluate("none")];
  expect(chat.loss).not.toBe(none.loss);
});

test("a model without a chat template", { timeout: 30_000 }, async () => {
  const { status, stderr } = await run("sft", { model: at("plain"), data, out: at("none") });
  expect(status).toBe(2);
  expect(stderr).toMatch(/^error: .*plain has no chat template .*Use --template alpaca/);
  expect(existsSync(join(at("none"), "run.json"))).toBe(false);
});

test("a teacher's interface that has no chat template", { timeout: 30_000 }, async () => {
  const flags = { teacher: "http://127.0.0.1:1/v1#m", data, out: at("x.jsonl"), api: "completions" };
  const { status, stderr } = await run("sample", flags);
  expect([status, stderr]).toEqual([2, expect.stringContaining("Use --api chat, or another --template")]);
});
