/** `--batch`: submit, leave, come back, collect; only rows that expired or failed are sent again. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { chatBody } from "../src/llm/scripted-server.fixture.ts";
import { type BatchLine, type BatchServer, type Fate, startBatchServer } from "./batch-server.ts";
import { commandLine, readLines, startTuna, tuna } from "./tuna-process.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-batch-"));
afterAll(() => rmSync(root, { recursive: true }));
const servers: BatchServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

async function start(fateOf: (line: BatchLine) => Fate): Promise<BatchServer> {
  const server = await startBatchServer(fateOf);
  servers.push(server);
  return server;
}

const data = join(root, "rows.jsonl");
const rows = Array.from({ length: 6 }, (_, id) => ({
  id,
  instruction: `say ${id}`,
  output: `${id}`,
  responses: ["first", "second"].map((text) => ({ text: `${text} ${id}` })),
}));
writeFileSync(data, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));

const verdict = chatBody(["Response 0: 3\nResponse 1: 9\nResponse 2: 12\nrank: [2, 1, 0]"]);
const promptOf = ({ body }: BatchLine): string => body.messages[0]!.content;

test("a judge's batch is submitted, collected, and what expired is sent again alone", async () => {
  let expires = true;
  const server = await start((line) =>
    expires && /say [14]\n/.test(promptOf(line)) ? "expired" : { reply: verdict },
  );
  const out = join(root, "ranked.jsonl");
  const argv = commandLine("rank contextual", { data, judge: `${server.baseUrl}#gpt-4`, out, batch: true });
  const ask = async (): Promise<[number | null, string]> => {
    const { status, stderr } = await tuna(...argv);
    return [status, stderr];
  };

  expect(await ask()).toEqual([2, expect.stringContaining("batch batch_0 (6 requests, submitted now)")]);
  expect(await ask()).toEqual([2, expect.stringContaining("batch batch_0 (in_progress, 0 of 6 done)")]);
  expect(server.batches).toHaveLength(1);
  const alive = await tuna(...argv.filter((word) => word !== "--batch"));
  expect([alive.status, alive.stderr]).toEqual([2, expect.stringContaining("would be paid twice")]);

  server.isDone = true;
  expect(await ask()).toEqual([2, expect.stringContaining("batch batch_1 (2 requests, submitted now)")]);
  expect(server.batches[1]!.map((line) => /say \d/.exec(promptOf(line))![0])).toEqual(["say 1", "say 4"]);
  expires = false;
  expect((await ask())[0]).toBe(0);
  expect(server.batches).toHaveLength(2);
  const ranked = readLines<{ responses: { rank: number }[] }>(out);
  expect(ranked.map(({ responses }) => responses.map(({ rank }) => rank))).toEqual(rows.map(() => [1, 0]));
});

test("a row that is refused three times is set aside, and the others rank", async () => {
  const server = await start((line) =>
    promptOf(line).includes("say 2\n") ? { status: 400, message: "too long for me" } : { reply: verdict },
  );
  server.isDone = true;
  const out = join(root, "refused.jsonl");
  const argv = commandLine("rank contextual", { data, judge: `${server.baseUrl}#gpt-4`, out, batch: true });
  for (const requests of [6, 1, 1]) {
    expect((await tuna(...argv)).status).toBe(2);
    expect(server.batches.at(-1)).toHaveLength(requests);
  }
  expect((await tuna(...argv)).status).toBe(0);
  expect(readLines(out)).toHaveLength(5);
  expect(readLines(`${out}.set-aside.jsonl`)).toMatchObject([
    { id: "2", reason: expect.stringContaining("too long for me") as string },
  ]);
});

test("a reasoning model's batch is sent again in the form that it takes, and its schema is kept", async () => {
  const refusalOf = ({ body }: BatchLine): string | undefined => {
    if ("max_tokens" in body)
      return "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.";
    return "temperature" in body ? "'temperature' does not support 0 with this model." : undefined;
  };
  const scores = [0, 1].map((response) => ({ response, parts: [3, 3, response], overall: 6 + response }));
  const structured = { kind: "open-ended", reference: "R", duplicates: [], scores, rank: [1, 0] };
  const reply = chatBody([JSON.stringify(structured)]);
  const server = await start((line) => {
    const message = refusalOf(line);
    return message === undefined ? { reply } : { status: 400, message };
  });
  server.isDone = true;
  const out = join(root, "reasoned.jsonl");
  const judge = `${server.baseUrl}#o3`;
  const argv = commandLine("rank contextual", { data, judge, out, batch: true, output: "structured" });
  const said: string[] = [];
  for (let round = 0; round < 4; round++) said.push((await tuna(...argv)).stderr);
  expect(readLines(out)).toHaveLength(6);
  expect(server.batches.map((lines) => lines.length)).toEqual([6, 6, 6]);
  expect(server.batches.at(-1)![0]!.body).toHaveProperty("response_format");
  expect(said.map((text) => text.includes("o3 takes no temperature"))).toEqual([false, false, true, false]);
});

test("a teacher's samples come by batch, with their log-probabilities, as they would one by one", async () => {
  const server = await start(({ body }) => {
    const texts = Array.from({ length: body.n ?? 1 }, (_, index) => "t".repeat(index + 1));
    const logprobs = texts.map((text) => Array.from(text, () => -0.5));
    return { reply: chatBody(texts, logprobs) };
  });
  const out = join(root, "sampled.jsonl");
  const instructions = join(root, "alpaca.jsonl");
  writeFileSync(
    instructions,
    rows.map(({ id, instruction, output }) => `${JSON.stringify({ id, instruction, output })}\n`).join(""),
  );
  const flags = { data: instructions, teacher: `${server.baseUrl}#teacher`, out, n: 3, batch: true } as const;
  const argv = commandLine("sample", flags);
  expect((await tuna(...argv)).stderr).toContain("6 requests, submitted now");
  server.isDone = true;
  expect(await tuna(...argv)).toMatchObject({ stderr: "", status: 0 });
  expect(server.batches.map((lines) => lines.length)).toEqual([6]);
  const [row] = readLines<{ responses: { text: string; logprob: number }[] }>(out);
  expect(row!.responses).toMatchObject([
    { text: "t", logprob: -0.5 },
    { text: "tt", logprob: -1 },
    { text: "ttt", logprob: -1.5 },
  ]);
});

test("killed after the server has the batch and before its id is written down, it finds it again", async () => {
  const server = await start(() => ({ reply: verdict }));
  const out = join(root, "killed.jsonl");
  const argv = commandLine("rank contextual", { data, judge: `${server.baseUrl}#gpt-4`, out, batch: true });
  const running = startTuna(argv);
  await running.until(() => server.batches.length === 1);
  running.kill("SIGKILL");
  await running.exit;
  server.isDone = true;
  expect((await tuna(...argv)).status).toBe(0);
  expect(server.batches).toHaveLength(1);
});
