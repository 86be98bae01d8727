import { expect, test } from "vitest";
import type { InstructionRow } from "../data/record.ts";
import { type Reaction, sendChat, startScriptedServer } from "../llm/scripted-server.fixture.ts";
import { scoreAnswers } from "./pocket-evaluation.ts";

const rows: InstructionRow[] = ["silent", "duplicate", "better", "equal"].map((instruction) => ({
  instruction,
  input: "",
  output: "reference",
}));

/** Has a word for two of the pairs only. */
const judge: Reaction = (request, response) => {
  const prompt = request.body.messages![0]!.content;
  const reply = prompt.includes("duplicate\n\n### Response")
    ? "Response 0 is a duplicate of Response 1.\nrank: [1]"
    : "rank: [0, 1]";
  sendChat(prompt.includes("silent") ? "No." : reply)(request, response);
};

test("a pair without a verdict is a tie that is counted, duplicates are a plain tie", async () => {
  const server = await startScriptedServer(judge);
  const answers = ["a", "a", "a", "same"];
  const baseline = ["b", "b", "b", "same"];
  const scores = await scoreAnswers({ rows, answers, baseline, judge: `${server.baseUrl}#judge` });
  await server.close();
  expect(scores.numUnjudged).toBe(1);
  expect([scores.win.mean, scores.lose.mean, scores.tie.mean]).toEqual([0.25, 0, 0.75]);
});
