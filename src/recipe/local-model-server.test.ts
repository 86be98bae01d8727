/** A local model as a judge: the contract of every provider, and what is its own. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { tinyModel } from "../../test/tiny-model.ts";
import { connectModel } from "../llm/index.ts";
import { providerContract } from "../llm/provider-contract.fixture.ts";
import { saveModel } from "../model/index.ts";
import { checkJudge, withJudge } from "./judge.ts";
import { type LocalServer, openLocalServer } from "./local-model-server.ts";
import { localModelFolder } from "./local-reference.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-local-server-"));
afterAll(() => rmSync(root, { recursive: true }));
const folder = join(root, "model");
const TEMPLATE =
  "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}";

/** Its window has 256 tokens, and a character is one. */
const TOO_LONG = "x".repeat(300);

beforeAll(() => {
  saveModel(tinyModel({ config: { hidden_size: 32 } }), folder);
  writeFileSync(join(folder, "chat_template.jinja"), TEMPLATE);
});

let server: LocalServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe("the contract", () => {
  providerContract({
    async open() {
      server = await openLocalServer(folder);
      return { provided: server };
    },
    tooLong: TOO_LONG,
    says: {
      text: expect.any(String),
      logprob: expect.toSatisfy((sum: number) => sum < 0 && sum > -100),
      numTokens: expect.toSatisfy((count: number) => count >= 1 && count <= 8),
    },
    logprobs: true,
    holdsToSchema: false,
  });
});

const ask = (content: string) => ({
  messages: [
    { role: "system", content: "Be brief." },
    { role: "user", content },
  ] as const,
  temperature: 0,
  maxTokens: 6,
  logprobs: false,
});

test("what is asked together gets what it gets alone", async () => {
  server = await openLocalServer(folder);
  const questions = ["one", "two and three", "four"];
  const together = await Promise.all(questions.map((each) => server!.complete(ask(each), { n: 1 })));
  const alone = [];
  for (const each of questions) alone.push(await server.complete(ask(each), { n: 1 }));
  expect(together).toEqual(alone);
  // "system: Be brief.\nuser: one\nassistant: ", a token a character.
  expect(together[0]).toMatchObject({ usage: { promptTokens: 39, completionTokens: 6 }, attempt: 1 });
  expect(together[0]!.choices).toHaveLength(1);
});

test("beside a prompt that does not fit the others go on", async () => {
  server = await openLocalServer(folder);
  const asked = [ask(TOO_LONG), ask("one")].map((each) => server!.complete(each, { n: 1 }));
  const [long, short] = await Promise.allSettled(asked);
  expect([long!.status, short!.status]).toEqual(["rejected", "fulfilled"]);
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
