/** A local model as a judge: the same interface as a server's. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { tinyModel } from "../../test/tiny-model.ts";
import { connectModel } from "../llm/index.ts";
import { saveModel } from "../model/index.ts";
import { checkJudge, withJudge } from "./judge.ts";
import { type LocalServer, openLocalServer } from "./local-model-server.ts";
import { localModelFolder } from "./local-reference.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-local-server-"));
afterAll(() => rmSync(root, { recursive: true }));
const folder = join(root, "model");
const TEMPLATE =
  "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}";

beforeAll(() => {
  saveModel(tinyModel({ config: { hidden_size: 32 } }), folder);
  writeFileSync(join(folder, "chat_template.jinja"), TEMPLATE);
});

let server: LocalServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const ask = (content: string, logprobs = false) => ({
  messages: [
    { role: "system", content: "Be brief." },
    { role: "user", content },
  ] as const,
  temperature: 0,
  maxTokens: 6,
  logprobs,
});

test("what is asked together gets what it gets alone", async () => {
  server = await openLocalServer(folder);
  const questions = ["one", "two and three", "four"];
  const attempts: number[] = [];
  const onAttempt = async (attempt: number): Promise<void> => void attempts.push(attempt);
  const together = await Promise.all(
    questions.map((each) => server!.complete(ask(each), { n: 1, onAttempt })),
  );
  const alone = [];
  for (const each of questions) alone.push(await server.complete(ask(each), { n: 1 }));
  expect(together).toEqual(alone);
  expect(attempts).toEqual([1, 1, 1]);
  // "system: Be brief.\nuser: one\nassistant: ", a token a character.
  expect(together[0]).toMatchObject({ usage: { promptTokens: 39, completionTokens: 6 }, attempt: 1 });
  expect(together[0]!.choices).toHaveLength(1);
});

test("samples come with log-probabilities", async () => {
  server = await openLocalServer(folder);
  const { choices } = await server.complete({ ...ask("one", true), temperature: 1 }, { n: 3 });
  expect(choices).toHaveLength(3);
  expect(choices.every(({ logprob, numTokens }) => logprob! < 0 && numTokens! >= 1)).toBe(true);
});

test("a prompt that does not fit is that prompt's fault, and the others go on", async () => {
  server = await openLocalServer(folder);
  const asked = [ask("x".repeat(300)), ask("one")].map((each) => server!.complete(each, { n: 1 }));
  const [long, short] = await Promise.allSettled(asked);
  expect(long).toMatchObject({ status: "rejected", reason: { code: "prompt-refused" } });
  expect(short).toMatchObject({ status: "fulfilled" });
});

test("an abort ends it", async () => {
  server = await openLocalServer(folder);
  const asked = server.complete(ask("one"), { n: 1, signal: AbortSignal.abort(new Error("stop")) });
  await expect(asked).rejects.toThrow("stop");
});

test("a judge may be a folder, with or without local:, and its content is its identity", async () => {
  expect(["local:there", "local:there#", folder].map(localModelFolder)).toEqual(["there", "there", folder]);
  expect(["http://h/v1#m", "pocket", "nowhere"].map(localModelFolder)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  checkJudge(folder);
  const identities: (string | undefined)[] = [];
  const judge = () =>
    withJudge(`local:${folder}`, async (reference, options) => {
      identities.push(options.identity);
      return connectModel(reference, options).chat(ask("one"));
    });
  const { text, usage } = await judge();
  expect(text.length).toBeGreaterThan(0);
  expect(usage).toEqual({ promptTokens: 39, completionTokens: 6 });
  await judge();
  saveModel(tinyModel({ seed: 1, config: { hidden_size: 32 } }), folder);
  writeFileSync(join(folder, "chat_template.jinja"), TEMPLATE);
  await judge();
  expect(identities[1]).toBe(identities[0]);
  expect(identities[2]).not.toBe(identities[0]);
});
