/** Commands and recipes with models of the hub, as processes, against a hub on loopback. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { saveModel } from "../src/model/index.ts";
import { type HubServer, REPOSITORY, filesOf, hubToken, startHub } from "./hub-server.ts";
import { hasShared, readShared, sharedPath } from "./shared.ts";
import { tinyModel } from "./tiny-model.ts";
import { type Flags, type TunaExit, commandLine, pause, readLines, startTuna } from "./tuna-process.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-hub-cli-"));
const at = (name: string): string => join(root, name);
const file = (name: string, content: string): string => {
  writeFileSync(at(name), content);
  return at(name);
};
let hub: HubServer;
let home: string;

beforeAll(async () => {
  saveModel(tinyModel({ config: { max_position_embeddings: 128 } }), at("model"));
  hub = await startHub({ files: filesOf(at("model")) });
});
beforeEach(() => {
  home = mkdtempSync(join(root, "home-"));
  hub.received.length = 0;
  hub.fault = () => undefined;
});
afterAll(async () => {
  await hub.close();
  rmSync(root, { recursive: true });
});

const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  HF_ENDPOINT: hub.endpoint,
  HF_HOME: home,
  HF_TOKEN: "",
  HF_HUB_CACHE: "",
  HF_HUB_OFFLINE: "",
  ...more,
});
const run = (command: string, flags: Flags, env: NodeJS.ProcessEnv = {}): Promise<TunaExit> =>
  startTuna(commandLine(command, flags), environment(env)).exit;

function expectSuccess({ status, stderr }: TunaExit): void {
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.any(String) as string });
}

const rows = `${JSON.stringify({ id: 1, prompt: "ask:", response: "an answer" })}\n`;

describe("tuna score --model owner/name", { timeout: 60_000 }, () => {
  const score = (flags: Flags, env: NodeJS.ProcessEnv = {}): Promise<TunaExit> =>
    run(
      "score",
      { model: REPOSITORY, data: file("rows.jsonl", rows), out: at("scored.jsonl"), ...flags },
      env,
    );

  test("as the same model in a folder; offline from then on", async () => {
    const first = await score({});
    expectSuccess(first);
    expect(first.stderr).toMatch(
      /^owner\/name: downloading config\.json, .*model\.safetensors \([\d.]+ kB\)\n$/,
    );
    const fromHub = readLines(at("scored.jsonl"));
    expect((await score({ model: at("model"), out: at("local.jsonl") })).status).toBe(0);
    expect(fromHub).toEqual(readLines(at("local.jsonl")));
    const numRequests = hub.received.length;
    expect(await score({}, { HF_HUB_OFFLINE: "1" })).toMatchObject({ status: 0, stderr: "" });
    expect(hub.received).toHaveLength(numRequests);
  });

  test("one clear error, without the token, and exit code 2", async () => {
    const { status, stdout, stderr } = await score({ model: "owner/unknown" }, { HF_TOKEN: hubToken });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(
      /^error: There is neither a folder owner\/unknown nor a model owner\/unknown at http/,
    );
    expect(stderr).not.toContain(hubToken);
  });

  test("killed in the middle of a blob, it goes on from there", async () => {
    const weights = readFileSync(at("model/model.safetensors"));
    const half = Math.floor(weights.length / 2);
    hub.fault = ({ isElsewhere }) => (isElsewhere ? { stopAfter: half } : undefined);
    const data = file("rows.jsonl", rows);
    const flags = { model: REPOSITORY, data, out: at("killed.jsonl") };
    const running = startTuna(commandLine("score", flags), environment());
    expect(await running.until(() => partialSize() === half)).toBe(true);
    running.kill("SIGKILL");
    await running.exit;
    hub.fault = () => undefined;
    hub.received.length = 0;
    expectSuccess(await score({}));
    const starts = hub.received.filter(({ isElsewhere }) => isElsewhere).map(({ range }) => range);
    expect(starts).toEqual([`bytes=${half}-`]);
  });

  test("two processes at once download each file once", async () => {
    hub.fault = ({ isElsewhere }) => (isElsewhere ? { delayMs: 300 } : undefined);
    const exits = await Promise.all([score({}), score({ out: at("scored-2.jsonl") })]);
    expect(exits.map(({ status, stderr }) => [status, stderr.includes("error")])).toEqual([
      [0, false],
      [0, false],
    ]);
    const names = hub.received.filter(({ path }) => path.includes("/resolve/")).map(({ path }) => path);
    expect(names).toHaveLength(new Set(names).size);
    expect(readLines(at("scored.jsonl"))).toEqual(readLines(at("scored-2.jsonl")));
  });

  test("while one downloads another waits, and goes on where that was killed; neither sees half a file", async () => {
    const half = Math.floor(hub.files.get("model.safetensors")!.length / 2);
    const isFirst = (): boolean => hub.received.filter(({ isElsewhere }) => isElsewhere).length === 1;
    hub.fault = ({ isElsewhere }) => (isElsewhere && isFirst() ? { stopAfter: half } : undefined);
    const start = (out: string) => {
      const flags = { model: REPOSITORY, data: file("rows.jsonl", rows), out: at(out) };
      return startTuna(commandLine("score", flags), environment());
    };
    const broken = new Set<string>();
    const watch = setInterval(() => brokenFiles().forEach((name) => broken.add(name)), 5);
    const first = start("first.jsonl");
    expect(await first.until(() => partialSize() === half)).toBe(true);
    const second = start("second.jsonl");
    const numListings = (): number => hub.received.filter(({ path }) => path.includes("/tree/")).length;
    expect(await second.until(() => numListings() === 2)).toBe(true);
    // Time to find the lock.
    await pause(1000);
    first.kill("SIGKILL");
    await first.exit;
    const exit = await second.exit;
    clearInterval(watch);
    expectSuccess(exit);
    expect(exit.stderr).toMatch(/waiting for process \d+ on \S+, which downloads the same file/);
    const ranges = hub.received.filter(({ isElsewhere }) => isElsewhere).map(({ range }) => range);
    expect(ranges).toEqual([undefined, `bytes=${half}-`]);
    expect([...broken, ...brokenFiles()]).toEqual([]);
    expect(readdirSync(join(home, "hub/.locks/models--owner--name"))).toEqual([]);
    expect(readLines(at("second.jsonl"))).toHaveLength(1);
  });
});

const repository = (): string => join(home, "hub/models--owner--name");

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function partialSize(): number | undefined {
  const blobs = join(repository(), "blobs");
  const name = namesIn(blobs).find((each) => each.endsWith(".incomplete"));
  return name === undefined ? undefined : statSync(join(blobs, name)).size;
}

/** Files under the names by which anyone finds them that are not what the hub has. */
function brokenFiles(): string[] {
  const snapshot = join(repository(), "snapshots", hub.commit);
  const placed = namesIn(snapshot).filter(
    (name) => hub.files.get(name)?.equals(readFileSync(join(snapshot, name))) === false,
  );
  const blobs = namesIn(join(repository(), "blobs")).filter((name) => /^[0-9a-f]+$/.test(name));
  const contents = [...hub.files.values()];
  const isWhole = (name: string): boolean => {
    const found = readFileSync(join(repository(), "blobs", name));
    return contents.some((content) => content.equals(found));
  };
  return [...placed, ...blobs.filter((name) => !isWhole(name))];
}

describe("a recipe", { timeout: 60_000 }, () => {
  const data = `${JSON.stringify({ id: "a", instruction: "say:", output: "hi" })}\n`;
  const recipe = (model: string): string => {
    file("data.jsonl", data);
    return file(
      "recipe.yaml",
      `name: Hub\nstages:\n  sft: { kind: sft, model: "${model}", data: data.jsonl, template: none, epochs: 1, batchSize: 1 }\n` +
        `  samples: { kind: sample, model: "${model}", data: data.jsonl, template: none, n: 2, maxTokens: 4 }\n`,
    );
  };
  const runRecipe = (path: string, out: string): Promise<TunaExit> =>
    startTuna(["run", path, "--out", out], environment()).exit;

  test("downloads before the first stage, names id and commit, and runs again as written", async () => {
    const out = at("run");
    const exit = await runRecipe(recipe(`${REPOSITORY}@v1.0`), out);
    expectSuccess(exit);
    expect(exit.stderr.indexOf("downloading")).toBeLessThan(exit.stderr.indexOf("[1/2] sft"));
    const { inputs } = JSON.parse(readFileSync(join(out, "sft/run.json"), "utf8")) as { inputs: unknown };
    expect(inputs).toMatchObject({ hub: { id: REPOSITORY, revision: hub.commit } });
    const [list] = readLines<{ responses: { source: string }[] }>(join(out, "samples/rows.jsonl"));
    expect(list!.responses[0]!.source).toBe(`model:hf:${REPOSITORY}@${hub.commit}`);
    const resolved = readFileSync(join(out, "recipe.yaml"), "utf8");
    expect(resolved).toContain(`model: hf:${REPOSITORY}@${hub.commit}`);
    expect((await runRecipe(join(out, "recipe.yaml"), at("again"))).status).toBe(0);
  });

  test("a model that cannot be had is found before any stage", async () => {
    const { status, stderr } = await runRecipe(recipe("owner/unknown"), at("none"));
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: There is neither a folder owner\/unknown/);
    expect(existsSync(at("none"))).toBe(false);
  });
});

describe.skipIf(!hasShared)("real weights, from the hub (needs ../shared/data)", () => {
  test("tuna generate gives the golden continuation", { timeout: 60_000 }, async () => {
    const real = await startHub({ files: filesOf(sharedPath("stories260K")) });
    interface Golden {
      cases: { prompt: string; out_ids: number[] }[];
    }
    const [golden] = readShared<Golden>("llama2c/golden_generate.json").cases;
    const flags = { model: REPOSITORY, prompt: golden!.prompt, "max-tokens": 32, json: true } as const;
    const exit = await run("generate", flags, { HF_ENDPOINT: real.endpoint });
    await real.close();
    expectSuccess(exit);
    expect((JSON.parse(exit.stdout) as { tokenIds: number[] }).tokenIds).toEqual(
      golden!.out_ids.slice(0, 32),
    );
  });
});
