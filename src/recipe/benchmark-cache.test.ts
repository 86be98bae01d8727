/** Downloads from a server on loopback, with everything that goes wrong on the way. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LoopbackServer, listenOnLoopback } from "../../test/loopback.ts";
import { hasShared, sharedPath } from "../../test/shared.ts";
import { cachedBenchmark, downloadBenchmark, hashAsGit } from "./benchmark-cache.ts";
import { BENCHMARK_SOURCES, type BenchmarkSource } from "./benchmark-sources.ts";

const FILES: Readonly<Record<string, string>> = {
  "data/one.json": '{"one": 1}',
  "data/two.json": '{"two": "zwei – 2"}',
  "list.txt": "data/two.json\n",
};
const hash = (path: string): string => hashAsGit(Buffer.from(FILES[path]!));
const SOURCE: BenchmarkSource = {
  repository: "owner/name",
  commit: "1".repeat(40),
  files: [
    { path: "data/one.json", gitHash: hash("data/one.json") },
    { path: "list.txt", gitHash: hash("list.txt") },
  ],
  listed: {
    by: "list.txt",
    files: (list) => [{ path: list.trim(), check: (text) => void JSON.parse(text) }],
  },
  folder: "data",
  licence: "none",
  notes: [],
};

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let cache: string;
let server: LoopbackServer;
let asked: string[];
/** In place of the file, one after the other. */
let faults: Answer[];
let aborter: AbortController;

beforeEach(async () => {
  cache = mkdtempSync(join(tmpdir(), "tuna-benchmarks-"));
  [asked, faults, aborter] = [[], [], new AbortController()];
  server = await listenOnLoopback((request, response) => {
    asked.push(request.url!);
    const fault = faults.shift();
    if (fault !== undefined) return fault(request, response);
    const content = FILES[request.url!.replace(`/v1/owner/name/${SOURCE.commit}/`, "")];
    return void response.writeHead(content === undefined ? 404 : 200).end(content);
  });
});
afterEach(async () => {
  await server.close();
  rmSync(cache, { recursive: true });
});

const get = (source: BenchmarkSource = SOURCE, env: NodeJS.ProcessEnv = {}) =>
  downloadBenchmark("mine", source, {
    env: { TUNA_CACHE: cache, TUNA_BENCHMARK_ENDPOINT: server.baseUrl, ...env },
    fetch,
    reporter: { say: () => {}, progress: () => ({ update() {}, done() {} }), signal: aborter.signal },
    patience: { maxFailures: 3, pauseMs: 1, stallMs: 200 },
    concurrency: 1,
  });
const root = (): string => join(cache, "mine", SOURCE.commit);

test("files get their place under the commit, also those that another names", async () => {
  expect(await get()).toEqual({ folder: join(root(), "data"), downloaded: 3, kept: 0 });
  for (const [path, content] of Object.entries(FILES))
    expect(readFileSync(join(root(), path), "utf8")).toBe(content);
  expect(readdirSync(join(root(), "data")).toSorted()).toEqual(["one.json", "two.json"]);
});

test("what is there and whole is kept; what was changed is fetched again", async () => {
  await get();
  writeFileSync(join(root(), "data/one.json"), "{}");
  asked = [];
  expect(await get()).toMatchObject({ downloaded: 1, kept: 2 });
  expect(asked).toEqual([`/v1/owner/name/${SOURCE.commit}/data/one.json`]);
});

const cut: Answer = (_, response) => {
  response.writeHead(200, { "content-length": 10 });
  response.write("{", () => response.destroy());
};
const silent: Answer = () => {};
const status =
  (code: number): Answer =>
  (_, response) =>
    void response.writeHead(code).end("nothing");
const wrong: Answer = (_, response) => void response.end('{"one": 2}');

describe("faults on the way", () => {
  test.each([
    ["cut connections", [cut, cut]],
    ["silence", [silent]],
    ["a busy server", [status(503), status(429)]],
    ["other bytes", [wrong]],
  ])("%s are tried again", async (_, given) => {
    faults = given;
    expect(await get()).toMatchObject({ downloaded: 3 });
  });

  test.each([
    [
      "a server that stays busy",
      [503, 503, 503].map(status),
      /the server answered 503.*run the same command again/,
    ],
    ["bytes that stay wrong", [wrong, wrong, wrong], /other bytes came than the file has/],
    ["a file that is not there", [status(404)], /answered 404\. Check TUNA_BENCHMARK_ENDPOINT/],
  ])("%s is told, and leaves nothing", async (_, given, message) => {
    faults = given;
    await expect(get()).rejects.toThrow(message);
    expect(existsSync(join(root(), "data/one.json"))).toBe(false);
  });

  test("a listed file that is not of its kind is refused", async () => {
    const broken: Answer = (_, response) => void response.end("<html>");
    const files = (): void => void faults.splice(0, 3, broken, broken, broken);
    await get({ ...SOURCE, listed: undefined! });
    files();
    await expect(get()).rejects.toThrow(/data\/two\.json cannot be downloaded: other bytes/);
    // What was there before is kept.
    expect(existsSync(join(root(), "data/one.json"))).toBe(true);
  });

  test("an interruption says what is kept, and the next run goes on", async () => {
    faults = [
      (_, response) => {
        response.end(FILES["data/one.json"]);
        const isThere = setInterval(() => {
          if (!existsSync(join(root(), "data/one.json"))) return;
          clearInterval(isThere);
          aborter.abort();
        }, 2);
      },
      silent,
    ];
    await expect(get()).rejects.toThrow(/Interrupted; what is downloaded so far is in/);
    aborter = new AbortController();
    expect(await get()).toMatchObject({ downloaded: 2, kept: 1 });
  });

  test("an address that is none is refused", async () => {
    await expect(get(SOURCE, { TUNA_BENCHMARK_ENDPOINT: "localhost" })).rejects.toThrow(
      /TUNA_BENCHMARK_ENDPOINT: expected an address/,
    );
  });
});

describe.skipIf(!hasShared)("the real files", () => {
  const shared = (name: string): string => readFileSync(sharedPath(name), "utf8");
  const serve = (content: (path: string) => string): void => {
    const answer: Answer = (request, response) => void response.end(content(request.url!));
    faults = Array.from({ length: 200 }, () => answer);
  };

  test("of Vicuna QA have the hashes that are expected", async () => {
    serve((url) =>
      shared(
        `vicuna/${url.includes("question") ? "question" : /prompt|reviewer/.exec(url)![0] + ".v0"}.jsonl`,
      ),
    );
    const { folder } = await get(BENCHMARK_SOURCES["vicuna-qa"]);
    expect(readdirSync(folder).toSorted()).toEqual(["prompt.jsonl", "question.jsonl", "reviewer.jsonl"]);
  });

  test("of Super-NI are those of the official list", async () => {
    const task = JSON.stringify({ Definition: ["Answer."], Instances: [{ input: "a", output: ["b"] }] });
    serve((url) => (url.endsWith(".txt") ? shared("superni/test_tasks_119.txt") : task));
    const { folder, downloaded } = await get(BENCHMARK_SOURCES["super-ni"]);
    expect(downloaded).toBe(120);
    expect(readdirSync(folder)).toHaveLength(119);
  });
});

describe("the cache", () => {
  test("names the folder once all files are there, and the command before", () => {
    const env = { TUNA_CACHE: cache };
    expect(() => cachedBenchmark("vicuna-qa", env)).toThrow(
      /tuna data get vicuna-qa, or name them with --data/,
    );
    expect(() => cachedBenchmark("super-ni", env)).toThrow(/not in the cache/);
  });

  test("is where XDG says", () => {
    expect(() => cachedBenchmark("lmentry", { XDG_CACHE_HOME: "/nowhere" })).toThrow(
      `/nowhere/tuna/benchmarks/lmentry/${BENCHMARK_SOURCES.lmentry.commit}`,
    );
  });
});
