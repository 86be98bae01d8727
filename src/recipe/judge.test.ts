import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { connectModel, openJournal } from "../llm/index.ts";
import { contextualPrompt } from "../rank/index.ts";
import { checkJudge, withJudge } from "./judge.ts";

const folder = mkdtempSync(join(tmpdir(), "tuna-judge-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test("the pocket judge of another run is the same judge to the journal", async () => {
  const path = join(folder, "journal.jsonl");
  const messages = contextualPrompt({
    prompt: "### Instruction:\nWhat is the opposite of hot?\n\n### Response:",
    responses: ["It is big.", "It is cold."],
  });
  const references: string[] = [];
  const ask = async (): Promise<string> => {
    const journal = await openJournal(path);
    const reply = await withJudge("pocket", async (reference, options) => {
      references.push(reference);
      return connectModel(reference, { ...options, journal }).chat({ messages, temperature: 0 });
    });
    await journal.close();
    return reply.text;
  };
  expect(await ask()).toContain("rank: [");
  await ask();
  expect(references[1], "or this test shows nothing").not.toBe(references[0]);
  expect(readFileSync(path, "utf8").trimEnd().split("\n")).toHaveLength(1);
});

test("another judge is connected to as named, and a malformed name is known before", async () => {
  const reference = "http://127.0.0.1:9/v1#gpt-4";
  expect(await withJudge(reference, async (...args) => args)).toEqual([reference, {}]);
  expect(() => checkJudge(reference)).not.toThrow();
  expect(() => checkJudge("pocket")).not.toThrow();
  expect(() => checkJudge("gpt-4")).toThrow(/Expected URL#MODEL/);
});
