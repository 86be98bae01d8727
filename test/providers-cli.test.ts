/** `tuna score --teacher`, `tuna doctor --teacher` and key files as processes, against servers on loopback. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { DIALECTS } from "../src/llm/dialects.fixture.ts";
import {
  type Reaction,
  type ScriptedServer,
  chatBody,
  sendJson,
  startScriptedServer,
} from "../src/llm/scripted-server.fixture.ts";
import { saveModel } from "../src/model/index.ts";
import { tinyModel } from "./tiny-model.ts";
import { commandLine, readLines, tuna } from "./tuna-process.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-providers-cli-"));
afterAll(() => rmSync(root, { recursive: true }));
let server: ScriptedServer | undefined;
afterEach(() => server?.close());

/** Every character is a token of -0.5, as of a server that echoes; one more is generated. */
const echo: Reaction = (request, response) => {
  const tokens = [...Array.from(request.body.prompt!), "."];
  const logprobs = { tokens, token_logprobs: tokens.map((_, k) => (k === 0 ? null : -0.5)) };
  const usage = { prompt_tokens: tokens.length - 1, completion_tokens: 1 };
  sendJson({ choices: [{ index: 0, text: tokens.join(""), logprobs }], usage })(request, response);
};

async function serve(reaction: Reaction): Promise<ScriptedServer> {
  server = await startScriptedServer(reaction);
  return server;
}

function writeRows(name: string, rows: readonly unknown[]): string {
  const path = join(root, name);
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  return path;
}

test("score --teacher: scores of given texts, each paid for once, and the key from a file", async () => {
  const { baseUrl, received } = await serve(echo);
  const key = join(root, "key");
  writeFileSync(key, "sk-from-a-file-123\n");
  chmodSync(key, 0o644);
  const data = writeRows("rows.jsonl", [
    { id: 1, prompt: "Say ", response: "hi" },
    { id: 2, prompt: "Say ", response: "hello" },
  ]);
  const out = join(root, "scored.jsonl");
  const argv = commandLine("score", { teacher: `${baseUrl}#m`, data, out, "key-file": key, json: true });
  const { status, stdout, stderr } = await tuna(...argv);
  expect([status, JSON.parse(stdout)]).toEqual([0, { out, rows: 2, meanLogprob: -0.5 }]);
  expect(stderr.match(/chmod 600/g)).toHaveLength(1);
  expect(readLines(out)).toMatchObject([
    { id: 1, logprob: -1, numTokens: 2, meanLogprob: -0.5 },
    { id: 2, logprob: -2.5, numTokens: 5, meanLogprob: -0.5 },
  ]);
  expect(received.map(({ authorization }) => authorization)).toEqual(
    Array(2).fill("Bearer sk-from-a-file-123"),
  );
  expect((await tuna(...argv)).status).toBe(0);
  expect(received).toHaveLength(2);
}, 60_000);

test.each([
  [{ threads: 1 }, "Without effect beside --teacher: --threads"],
  [{ model: "m" }, "Give either --model"],
])("score --teacher with %j is refused", async (more, message) => {
  const argv = commandLine("score", { teacher: "http://127.0.0.1:9/v1#m", data: "d", out: "o", ...more });
  expect(await tuna(...argv)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(message) as string,
  });
});

test("doctor --teacher says what the server can do", async () => {
  const { baseUrl } = await serve((request, response) => {
    const react = request.path.endsWith("/v1/completions") ? echo : sendJson(chatBody(["Fish swim."]));
    react(request, response);
  });
  const { status, stdout } = await tuna(...commandLine("doctor", { teacher: `${baseUrl}#m` }));
  expect(status).toBe(0);
  expect(stdout.split("\n")).toEqual(
    expect.arrayContaining([
      `${baseUrl}#m: asked 8 times, 91 prompt and 36 completion tokens`,
      "log-probabilities of what it samples (a teacher): no",
      "  the reply holds no token log-probabilities",
      "log-probabilities of a given text (tuna score): yes",
      "the same reply twice at temperature 0 (a judge): yes",
    ]),
  );
}, 60_000);

test("a Claude is a judge, and as a teacher refused before any request", async () => {
  const claude = DIALECTS.find(({ provider }) => provider === "anthropic")!;
  const verdict = "Response 0: 3\nResponse 1: 9\nrank: [1, 0]";
  const { baseUrl, received } = await serve(sendJson(claude.body([[[verdict, -1]]])));
  const reference = `anthropic+${baseUrl.replace(/\/v1$/, "")}#claude-x`;
  const responses = [{ text: "no" }, { text: "yes" }];
  const data = writeRows("lists.jsonl", [{ id: 1, instruction: "Say yes", original: "yes", responses }]);
  const judged = join(root, "judged.jsonl");
  const judging = await tuna(...commandLine("rank contextual", { data, judge: reference, out: judged }));
  expect(judging).toMatchObject({ status: 0 });
  expect(readLines(judged)).toMatchObject([{ responses: [{ rank: 1 }, { rank: 0 }] }]);
  expect(received).toHaveLength(1);

  const out = join(root, "sampled.jsonl");
  const sampling = await tuna(...commandLine("sample", { data, teacher: reference, out }));
  expect(sampling.status).toBe(2);
  expect(sampling.stderr).toContain("Anthropic's API gives no log-probabilities");
  expect(received).toHaveLength(1);
}, 60_000);

test("a local folder is a teacher and a judge by the same flags", async () => {
  const folder = join(root, "model");
  saveModel(tinyModel({ config: { hidden_size: 32, max_position_embeddings: 4096 } }), folder);
  const template =
    "{% for m in messages %}{{ m.content }}{% endfor %}{% if add_generation_prompt %}: {% endif %}";
  writeFileSync(join(folder, "chat_template.jinja"), template);
  const data = writeRows("local.jsonl", [{ id: 1, instruction: "Say yes", output: "yes" }]);
  const out = join(root, "local-sampled.jsonl");
  const flags = { teacher: `local:${folder}`, data, out, n: 2, "max-tokens": 4 };
  const sampling = await tuna(...commandLine("sample", flags));
  expect([sampling.status, sampling.stderr]).toEqual([0, expect.stringContaining("")]);
  const [row] = readLines<{ responses: { logprob: number; source: string }[] }>(out);
  expect(row!.responses).toHaveLength(2);
  expect(row!.responses[0]).toMatchObject({
    source: `model:${folder}`,
    logprob: expect.any(Number) as number,
  });

  // With random weights it judges nothing, but it is asked, and what it said is kept.
  const judged = join(root, "local-judged.jsonl");
  const judging = commandLine("rank contextual", { data: out, judge: folder, out: judged, "max-tokens": 8 });
  const { status, stderr } = await tuna(...judging);
  expect([status, stderr]).toEqual([2, expect.stringContaining("None of the 1 lists could be ranked")]);
  const [setAside] = readLines<{ replies: string[] }>(`${judged}.set-aside.jsonl`);
  expect(setAside!.replies).toHaveLength(2);
}, 60_000);
