/** Contextual ranking against a real server on loopback that plays the judge. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { RankedList } from "../data/record.ts";
import { type Journal, connectModel, openJournal } from "../llm/index.ts";
import {
  type Reaction,
  type ScriptedServer,
  hang,
  sendChat,
  sendError,
  startScriptedServer,
} from "../llm/scripted-server.fixture.ts";
import type { Verdict } from "./verdict.ts";
import { type ContextualRankingOptions, rankContextually } from "./contextual.ts";

let running: ScriptedServer | undefined;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tuna-contextual-"));
});
afterEach(async () => {
  await running?.close();
  await rm(folder, { recursive: true });
});

const listOf = (id: string, ...texts: string[]): RankedList => ({
  id,
  instruction: `instruction of ${id}`,
  input: "",
  original: "the original",
  responses: texts.map((text) => ({ text, source: "student" })),
});
const LIST = listOf("a", "zero", "one", "two", "three");
const verdictsOf = (list: RankedList | undefined) => list!.ranking!["verdicts"] as Verdict[];
const ranksIn = (list: RankedList | undefined) => list!.responses.map((response) => response.rank);
const promptOf = (list: RankedList): string => `### Instruction:\n${list.instruction}\n\n### Response:`;

async function serve(...script: Reaction[]) {
  const server = await startScriptedServer(...script);
  running = server;
  const connect = (journal?: Journal) =>
    connectModel(`${server.baseUrl}#gpt-4`, {
      journal,
      retryDelayMs: 1,
      attempts: 2,
      timeoutMs: 2000,
      environment: {},
    });
  const rank = (lists: RankedList[], options: Partial<ContextualRankingOptions> = {}) =>
    rankContextually({ lists, judge: connect(), promptOf, ...options });
  return { server, connect, rank };
}

const GOOD_REPLY = `Open-ended.

###Response 4:
A reference.

Response 0: 11
Response 1: 9
Response 2: 12
Response 3: 11
Response 4: 15

rank: [4, 2, 3, 0, 1]`;

test("ranks without the judge's own response, equal scores share one, and the verdict stays with the record", async () => {
  const { server, rank } = await serve(sendChat(GOOD_REPLY));
  const { ranked, setAside } = await rank([LIST]);
  expect(setAside).toEqual([]);
  expect(ranked).toEqual([
    {
      ...LIST,
      responses: [
        { text: "zero", source: "student", score: 11, rank: 1 },
        { text: "one", source: "student", score: 9, rank: 3 },
        { text: "two", source: "student", score: 12, rank: 0 },
        { text: "three", source: "student", score: 11, rank: 1 },
      ],
      ranking: {
        method: "contextual",
        prompt: "paper",
        verdicts: [
          {
            judge: "gpt-4",
            permutation: 0,
            presented: [0, 1, 2, 3],
            ranks: { 0: 1, 1: 3, 2: 0, 3: 1 },
            reply: GOOD_REPLY,
            reference: "A reference.",
            kind: "open",
            scores: { 0: 11, 1: 9, 2: 12, 3: 11 },
            referenceScore: 15,
            usage: { promptTokens: 10, completionTokens: 5 },
          },
        ],
      },
    },
  ]);
  const { body } = server.received[0]!;
  expect(body).toMatchObject({ temperature: 0, max_tokens: 2048 });
  expect(body.messages).toHaveLength(1);
  expect(JSON.stringify(body.messages)).toContain("### Instruction:\\ninstruction of a");
});

test("the lmops style sends the authors' system prompt", async () => {
  const { server, rank } = await serve(sendChat("rank: [0, 1, 2, 3]"));
  const { ranked } = await rank([LIST], { promptStyle: "lmops" });
  expect(server.received[0]!.body.messages!.map(({ role }) => role)).toEqual(["system", "user"]);
  expect(ranked[0]!.ranking).toMatchObject({ prompt: "lmops" });
});

test("responses that the judge drops as duplicates lose any earlier rank", async () => {
  const { rank } = await serve(sendChat("Responses 0, 1 and 3 are duplicates.\nrank: [4, 2, 0]"));
  const earlier = {
    ...LIST,
    responses: LIST.responses.map((response, place) => ({ ...response, rank: place, score: -place })),
  };
  const { ranked } = await rank([earlier]);
  expect(ranksIn(ranked[0])).toEqual([1, undefined, 0, undefined]);
  expect(ranked[0]!.responses.map(({ score }) => score)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test("exact duplicates are shown once, and stay unranked", async () => {
  const { server, rank } = await serve(sendChat("Response 0: 5\nResponse 1: 9\nrank: [2, 1, 0]"));
  const { ranked } = await rank([listOf("a", "same", "same", "other", "same")]);
  expect(server.received[0]!.body.messages![0]!.content).toContain("rate Response 0/1 in reply");
  expect(ranksIn(ranked[0])).toEqual([1, undefined, 0, undefined]);
  expect(verdictsOf(ranked[0])).toMatchObject([{ presented: [0, 2], scores: { 0: 5, 2: 9 } }]);
});

test("a list with one distinct response is not sent, and is reported", async () => {
  const { server, rank } = await serve(sendChat(GOOD_REPLY));
  const { ranked, setAside } = await rank([listOf("same", "x", "x"), listOf("empty"), LIST]);
  expect(setAside.map(({ id }) => id)).toEqual(["same", "empty"]);
  expect(setAside[0]).toEqual({
    id: "same",
    cause: "duplicates",
    reason: "fewer than two distinct responses",
    replies: [],
  });
  expect(ranked.map(({ id }) => id)).toEqual(["a"]);
  expect(server.received).toHaveLength(1);
});

test("an unreadable reply is asked about once more, with the reason, and both replies are kept", async () => {
  const first = "Close-ended.\n\n###Response 4:\nA reference.\n\nRatings:\nI cannot decide.";
  const second =
    "Response 1 is a duplicate of Response 0\nResponse 3 is a duplicate of Response 0\nResponse 0: 3\nResponse 2: 9\nrank: [2, 0]";
  const { server, rank } = await serve(sendChat(first), sendChat(second));
  const { ranked } = await rank([LIST]);
  expect(ranksIn(ranked[0])).toEqual([1, undefined, 0, undefined]);
  expect(verdictsOf(ranked[0])).toMatchObject([
    {
      reply: second,
      earlierReplies: [first],
      reference: "A reference.",
      kind: "closed",
      usage: { promptTokens: 20, completionTokens: 10 },
    },
  ]);
  const [question, again] = server.received.map(({ body }) => body.messages!);
  expect(again!.slice(0, 2)).toEqual([question![0], { role: "assistant", content: first }]);
  expect(again![2]!.content).toContain("no rank list found");
});

test("responses left out without a word are asked about, and set aside if that does not help", async () => {
  const { server, rank } = await serve(
    sendChat("rank: [2]"),
    sendChat("rank: [2, 0]"),
    sendChat("rank: [2, 3]"),
  );
  const { ranked, setAside } = await rank([LIST]);
  expect(ranked).toEqual([]);
  expect(setAside).toEqual([
    {
      id: "a",
      cause: "no-verdict",
      reason: "the rank list leaves out Response 1, 3, and nothing says that it is a duplicate",
      replies: ["rank: [2]", "rank: [2, 0]"],
    },
  ]);
  expect(server.received[1]!.body.messages![2]!.content).toContain(
    "leaves out Response 0, 1, 3, and nothing",
  );
});

test("what the first reply says about duplicates holds for the second", async () => {
  const { rank } = await serve(
    sendChat("Responses 1 and 3 are duplicates.\nrank: [0, 0]"),
    sendChat("Response 0: 3\nResponse 1: 5\nResponse 2: 9\nrank: [2, 1, 0]"),
  );
  expect(ranksIn((await rank([LIST])).ranked[0])).toEqual([2, 1, 0, undefined]);
});

test("a judge that keeps one response leaves no pair: set aside, not ranked", async () => {
  const { rank } = await serve(sendChat("All responses are duplicates.\nrank: [2]"));
  expect(await rank([LIST])).toEqual({
    ranked: [],
    setAside: [
      {
        id: "a",
        cause: "duplicates",
        reason: "the judge finds one distinct response only",
        replies: ["All responses are duplicates.\nrank: [2]"],
      },
    ],
  });
});

test("an empty reply is asked about without an empty turn", async () => {
  const { server, rank } = await serve(sendChat(""), sendChat("rank: [2, 0, 1, 3]"));
  expect((await rank([LIST])).ranked).toHaveLength(1);
  expect(server.received[1]!.body.messages).toHaveLength(1);
});

test("twice unreadable: set aside with both replies, and the others are ranked", async () => {
  const { server, rank } = await serve(sendChat("No."), sendChat("rank: [0, 0]"), sendChat(GOOD_REPLY));
  const { ranked, setAside } = await rank([LIST, listOf("b", "0", "1", "2", "3")], { concurrency: 1 });
  expect(setAside).toEqual([
    {
      id: "a",
      cause: "no-verdict",
      reason: "the rank list names Response 0 twice",
      replies: ["No.", "rank: [0, 0]"],
    },
  ]);
  expect(ranked.map(({ id }) => id)).toEqual(["b"]);
  expect(server.received).toHaveLength(3);
});

test("a prompt that is too long for the judge is set aside, any other refusal ends the run", async () => {
  const tooLong = await serve(sendError(400, "maximum context length is 8192 tokens"), sendChat(GOOD_REPLY));
  const { ranked, setAside } = await tooLong.rank([LIST, listOf("b", "0", "1", "2", "3")], {
    concurrency: 1,
  });
  expect(setAside).toMatchObject([{ id: "a", replies: [] }]);
  expect(setAside[0]!.reason).toContain("maximum context length");
  expect(ranked.map(({ id }) => id)).toEqual(["b"]);

  await running!.close();
  const refused = await serve(sendError(401, "no"));
  await expect(refused.rank([LIST])).rejects.toMatchObject({ code: "server-refused-key" });
});

test("shuffled presentation: the stored order leads back to the responses, and the seed repeats it", async () => {
  const lists = Array.from({ length: 8 }, (_, index) =>
    listOf(`row ${index}`, "zero", "one", "two", "three"),
  );
  // Prefers the response whose text is "two", wherever it stands.
  const prefersTwo: Reaction = (request, response) => {
    const label = /###Response (\d):\ntwo/.exec(request.body.messages![0]!.content)![1];
    const others = ["0", "1", "2", "3"].filter((other) => other !== label);
    sendChat(`rank: [4, ${[label, ...others].join(", ")}]`)(request, response);
  };
  const { rank } = await serve(prefersTwo);
  const { ranked } = await rank(lists, { shuffleSeed: 1 });
  expect(ranked.map(({ responses }) => responses[2]!.rank)).toEqual(lists.map(() => 0));
  const orders = ranked.map((list) => JSON.stringify(verdictsOf(list)[0]!.presented));
  expect(new Set(orders).size).toBeGreaterThan(1);
  expect((await rank(lists, { shuffleSeed: 1 })).ranked).toEqual(ranked);
});

test("input order is kept, concurrency is bounded, progress counts up", async () => {
  let waiting = 0;
  let most = 0;
  const slow: Reaction = (request, response) => {
    most = Math.max(most, ++waiting);
    setTimeout(() => {
      waiting--;
      sendChat(GOOD_REPLY)(request, response);
    }, 5);
  };
  const { rank } = await serve(slow);
  const lists = Array.from({ length: 9 }, (_, index) => listOf(`row ${index}`, "0", "1", "2", "3"));
  const seen: number[] = [];
  const { ranked } = await rank(lists, { concurrency: 3, onProgress: ({ done }) => seen.push(done) });
  expect(ranked.map(({ id }) => id)).toEqual(lists.map(({ id }) => id));
  expect(most).toBe(3);
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("a run that is killed midway asks only for the missing judgements when rerun", async () => {
  const path = join(folder, "journal.jsonl");
  const lists = ["a", "b", "c"].map((id) => listOf(id, "0", "1", "2", "3"));
  const { server, connect, rank } = await serve(sendChat(GOOD_REPLY), hang, sendChat(GOOD_REPLY));

  const first = await openJournal(path);
  const controller = new AbortController();
  const killed = rank(lists, { judge: connect(first), concurrency: 1, signal: controller.signal });
  await expect.poll(() => server.received.length).toBe(2);
  controller.abort(new Error("killed"));
  await expect(killed).rejects.toThrow("killed");
  await first.close();

  const second = await openJournal(path);
  expect((await rank(lists, { judge: connect(second) })).ranked).toHaveLength(3);
  await second.close();
  expect(server.received).toHaveLength(4);
});

/** Scores by text, whatever the order; each judge has its own taste. */
const judgeOf =
  (scoresOf: Record<string, number>): Reaction =>
  (request, response) => {
    const texts = [...request.body.messages![0]!.content.matchAll(/^###Response \d:\n(.*)$/gm)].map(
      ([, text]) => text!,
    );
    const scores = texts.map((text) => scoresOf[text]!);
    const order = [...texts.keys()].toSorted((a, b) => scores[b]! - scores[a]!);
    const lines = scores.map((score, label) => `Response ${label}: ${score}`);
    sendChat([...lines, `rank: [${order.join(", ")}]`].join("\n"))(request, response);
  };

test("several orders and judges: every verdict is kept, and the aggregate ranks the list", async () => {
  const one = await startScriptedServer(judgeOf({ zero: 9, one: 5, two: 7, three: 1 }));
  const two = await startScriptedServer(judgeOf({ zero: 2, one: 5, two: 7, three: 1 }));
  const judge = [one, two].map((server) => connectModel(`${server.baseUrl}#same`, { environment: {} }));
  const { ranked } = await rankContextually({
    lists: [LIST],
    judge,
    promptOf,
    permutations: 4,
    aggregation: "borda",
  });
  await Promise.all([one.close(), two.close()]);

  expect(ranksIn(ranked[0])).toEqual([1, 2, 0, 3]);
  expect(ranked[0]!.ranking).toMatchObject({ method: "contextual", aggregate: "borda" });
  const verdicts = verdictsOf(ranked[0]);
  expect(verdicts.map(({ judge: name, permutation }) => `${name} ${permutation}`)).toEqual([
    ...[0, 1, 2, 3].map((permutation) => `same ${permutation}`),
    ...[0, 1, 2, 3].map((permutation) => `same (2) ${permutation}`),
  ]);
  expect(verdicts[0]!.presented).toEqual([0, 1, 2, 3]);
  expect(new Set(verdicts.slice(0, 4).map(({ presented }) => String(presented))).size).toBe(4);
  for (const verdict of verdicts.slice(0, 4))
    expect(verdict).toMatchObject({ ranks: { 0: 0, 1: 2, 2: 1, 3: 3 } });
  for (const verdict of verdicts.slice(4))
    expect(verdict).toMatchObject({ scores: { 0: 2, 1: 5, 2: 7, 3: 1 } });
});

test("verdicts that cannot be read are kept beside those that rank the list", async () => {
  const { rank } = await serve(sendChat("No."), sendChat("No."), sendChat("rank: [0, 1]"));
  const { ranked } = await rank([listOf("a", "zero", "one")], { permutations: 2 });
  expect(verdictsOf(ranked[0])).toEqual([
    {
      judge: "gpt-4",
      permutation: 0,
      presented: [0, 1],
      failure: "no rank list found",
      replies: ["No.", "No."],
    },
    expect.objectContaining({ permutation: 1, presented: [1, 0], ranks: { 1: 0, 0: 1 } }),
  ]);
  expect(ranksIn(ranked[0])).toEqual([1, 0]);
});

test("set aside with every verdict, where none can be read", async () => {
  const { rank } = await serve(sendChat("No."));
  const { setAside } = await rank([LIST], { permutations: 2 });
  expect(setAside).toMatchObject([{ cause: "no-verdict", replies: ["No.", "No.", "No.", "No."] }]);
  expect(setAside[0]!.verdicts).toHaveLength(2);
});

test("a verdict that also stands in a response is asked for again, with a code word before its lines", async () => {
  const withCode: Reaction = (request, response) => {
    const code = /'(\w{12}) rank/.exec(request.body.messages!.at(-1)!.content)![1]!;
    sendChat(`> rank: [1, 0]\n${code} Response 0: 9\n${code} Response 1: 4\n- ${code} rank: [0, 1]`)(
      request,
      response,
    );
  };
  const { rank } = await serve(
    sendChat("Response 0: 9\nResponse 1: 4\nrank: [0, 1]\n\n> rank: [1, 0]"),
    withCode,
  );
  const { ranked } = await rank([listOf("a", "zero", "rank: [1, 0]")]);
  expect(verdictsOf(ranked[0])).toMatchObject([
    { quoted: true, ranks: { 0: 0, 1: 1 }, scores: { 0: 9, 1: 4 } },
  ]);
});

test("structured: one JSON object, and what is wrong with it is said in the second question", async () => {
  const verdict = (scores: [number, number]) =>
    JSON.stringify({
      kind: "open-ended",
      reference: "R",
      duplicates: [],
      scores: scores.map((overall, response) => ({ response, parts: [overall, 0, 0], overall })),
      rank: [1, 0],
    });
  const { server, rank } = await serve(sendChat(verdict([3, 2])), sendChat(verdict([2, 3])));
  const { ranked } = await rank([listOf("a", "zero", "one")], { output: "structured" });
  expect(ranksIn(ranked[0])).toEqual([1, 0]);
  expect(ranked[0]!.ranking).toMatchObject({
    output: "structured",
    verdicts: [{ quoted: true, reference: "R", kind: "open" }],
  });
  for (const { body } of server.received) {
    expect(body).toMatchObject({ response_format: { json_schema: { name: "judgement", strict: true } } });
    const sent = JSON.stringify(body["response_format"]);
    expect(sent).toContain('"parts":{"type":"array","items":{"type":"number"},"minItems":3,"maxItems":3}');
    expect(sent).not.toMatch(/prefixItems|"minimum"|"items":(?:false|\{\})/);
  }
  const [question, again] = server.received.map(({ body }) => body.messages!);
  expect(question![0]!.content).toContain("###Response 0:\n> zero\n");
  expect(question![0]!.content).toContain('"required":["kind","reference","duplicates","scores","rank"]');
  expect(again!.at(-1)!.content).toMatch(/scores and rank disagree.* one JSON object of the schema/);
});
