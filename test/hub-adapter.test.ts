/** Adapters of the hub and adapters of its models, in commands and recipes, against several repositories on loopback. */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type LoraSettings, initializeAdapter, saveAdapter, saveModel } from "../src/model/index.ts";
import { contentHash } from "../src/recipe/hash.ts";
import { type HubServer, REPOSITORY, filesOf, startHub } from "./hub-server.ts";
import { tinyModel } from "./tiny-model.ts";
import { type Flags, type TunaExit, commandLine, readLines, startTuna } from "./tuna-process.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-hub-adapter-"));
const at = (name: string): string => join(root, name);
const file = (name: string, content: string): string => {
  writeFileSync(at(name), content);
  return at(name);
};
const readText = (path: string): string => readFileSync(path, "utf8");

const BASE = "owner/base";
const ADAPTER = "owner/adapter";
/** Each repository on a server of its own. */
const hubs = new Map<string, HubServer>();
/** In front of them. */
let endpoint: string;
const front = createServer((incoming, response) => {
  const [, id = ""] = /^\/(?:api\/models\/)?([^/]+\/[^/]+)\//.exec(incoming.url!) ?? [];
  const hub = hubs.get(id);
  const path = hub === undefined ? incoming.url! : incoming.url!.replace(id, REPOSITORY);
  const { hostname, port } = new URL((hub ?? hubs.get(BASE)!).endpoint);
  const onward = request({ hostname, port, path, headers: incoming.headers }, (answer) => {
    response.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(response);
  });
  onward.end();
});

async function offer(id: string, folder: string): Promise<void> {
  await hubs.get(id)?.close();
  hubs.set(id, await startHub({ files: filesOf(folder) }));
}

/** An adapter that changes what the model computes, and names this base. */
function makeAdapter(name: string, base: string, more: object = {}): string {
  const { config, parameters: own } = tinyModel();
  const settings: LoraSettings = { rank: 2, alpha: 4, dropout: 0, targets: ["q_proj", "down_proj"] };
  const fresh = initializeAdapter({ config, parameters: own }, settings, { seed: 1, base });
  const parameters = new Map(
    [...fresh.parameters].map(([key, values]) => [key, values.map((_, i) => Math.sin(i))]),
  );
  saveAdapter({ ...fresh, parameters }, config, at(name));
  const path = join(at(name), "adapter_config.json");
  const stored = JSON.parse(readText(path)) as object;
  writeFileSync(path, JSON.stringify({ ...stored, ...more }));
  return at(name);
}

/** Equal shapes; each seed is another model. */
const saveBase = (seed: number, name: string): void =>
  saveModel(tinyModel({ seed, config: { max_position_embeddings: 128 } }), at(name));

let home: string;
let numHomes = 0;
beforeAll(async () => {
  saveBase(0, "base");
  await offer(BASE, at("base"));
  await offer(ADAPTER, makeAdapter("of-hub", BASE));
  await new Promise<void>((resolve) => {
    front.listen(0, "127.0.0.1", resolve);
  });
  endpoint = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
});
beforeEach(() => {
  home = at(`home-${numHomes++}`);
  for (const hub of hubs.values()) hub.received.length = 0;
});
afterAll(async () => {
  front.close();
  front.closeAllConnections();
  await Promise.all([...hubs.values()].map((hub) => hub.close()));
  rmSync(root, { recursive: true });
});

const numRequests = (): number => [...hubs.values()].reduce((sum, { received }) => sum + received.length, 0);
const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  HF_ENDPOINT: endpoint,
  HF_HOME: home,
  HF_TOKEN: "",
  HF_HUB_CACHE: "",
  HF_ASSETS_CACHE: "",
  HF_HUB_OFFLINE: "",
  ...more,
});
const run = (command: string, flags: Flags, env: NodeJS.ProcessEnv = {}): Promise<TunaExit> =>
  startTuna(commandLine(command, flags), environment(env)).exit;

/** With what a failed one says, so that it explains itself. */
const SUCCESS = { status: 0, stderr: expect.stringMatching(/^(?!.*error)/is) as string };

const rows = file("rows.jsonl", `${JSON.stringify({ id: 1, prompt: "ask:", response: "an answer" })}\n`);
async function score(model: string, env: NodeJS.ProcessEnv = {}): Promise<TunaExit & { logprob?: number }> {
  const out = at(`scored-${Math.random()}.jsonl`);
  const exit = await run("score", { model, data: rows, out }, env);
  return { ...exit, ...readLines<{ logprob: number }>(out)[0] };
}

describe("an adapter whose base is of the hub", { timeout: 60_000 }, () => {
  test("in a folder: computes as with the base in a folder, offline from then on", async () => {
    const plain = (await score(at("base"))).logprob;
    const expected = (await score(makeAdapter("own-local", at("base")))).logprob;
    expect(expected).not.toBe(plain);
    expect(numRequests()).toBe(0);

    const adapter = makeAdapter("own", BASE, { revision: "v1.0" });
    const before = filesOf(adapter);
    const first = await score(adapter);
    expect(first).toMatchObject({ ...SUCCESS, logprob: expected });
    expect(first.stderr).toMatch(
      /^owner\/base: downloading config\.json, .*model\.safetensors \([\d.]+ kB\)\n$/,
    );
    expect(hubs.get(BASE)!.received[0]!.path).toContain("/revision/v1.0");
    expect(filesOf(adapter)).toEqual(before);

    const asked = numRequests();
    expect(await score(adapter, { HF_HUB_OFFLINE: "1" })).toMatchObject({
      status: 0,
      stderr: "",
      logprob: expected,
    });
    expect(numRequests()).toBe(asked);
    const other = makeAdapter("own", BASE, { revision: "refs/pr/1" });
    expect((await score(other, { HF_HUB_OFFLINE: "1" })).stderr).toMatch(
      /own: its base model cannot be had\. owner\/base@refs\/pr\/1 is not wholly in the cache/,
    );
  });

  test("on the hub: its files and those of its base, and nothing else", async () => {
    hubs.get(ADAPTER)!.files.set("README.md", Buffer.from("not wanted"));
    const expected = (await score(makeAdapter("own-local", at("base")))).logprob;
    const exits = await Promise.all([score(ADAPTER), score(`hf:${ADAPTER}`)]);
    expect(exits).toMatchObject([
      { ...SUCCESS, logprob: expected },
      { ...SUCCESS, logprob: expected },
    ]);
    const snapshot = join(home, "hub/models--owner--adapter/snapshots", hubs.get(ADAPTER)!.commit);
    expect(readdirSync(snapshot).toSorted()).toEqual(["adapter_config.json", "adapter_model.safetensors"]);
    expect(readText(join(snapshot, "adapter_config.json"))).toBe(
      readText(join(at("of-hub"), "adapter_config.json")),
    );
    // Both made the folder that names the base by its place.
    expect(readdirSync(join(home, "assets/tuna/adapters"))).toEqual([
      expect.stringMatching(/^owner--adapter-[0-9a-f]{16}$/),
    ]);
    expect(await score(ADAPTER, { HF_HUB_OFFLINE: "1" })).toMatchObject({
      status: 0,
      stderr: "",
      logprob: expected,
    });
  });

  const ranked = {
    id: "a",
    instruction: "say:",
    input: "",
    original: "hi",
    responses: ["a", "b"].map((text, rank) => ({ text, rank })),
  };
  const instruction = { id: "a", instruction: "say:", output: "hi" };
  const data = (row: object): string => file("data.jsonl", `${JSON.stringify(row)}\n`);
  const training = { template: "none", epochs: 1, "batch-size": 1 } as const;

  test.each<[string, Flags]>([
    ["generate", { prompt: "ask:", "max-tokens": 4 }],
    ["eval ranking", { data: data(ranked), template: "none" }],
    ["train", { data: data(ranked), out: at("trained"), ...training }],
  ])("tuna %s takes it", async (command, flags) => {
    expect(await run(command, { model: ADAPTER, ...flags })).toMatchObject(SUCCESS);
  });

  test("records name it and its base, with their commits", async () => {
    const own = { model: ADAPTER, data: data(instruction) };
    const [samples, out] = [at("samples.jsonl"), at("tuned")];
    const sampling = { template: "none", n: 2, "max-tokens": 4 } as const;
    expect(await run("sample", { ...own, out: samples, ...sampling })).toMatchObject(SUCCESS);
    const [list] = readLines<{ responses: { source: string }[] }>(samples);
    const commit = hubs.get(ADAPTER)!.commit;
    expect(list!.responses[0]!.source).toBe(`model:hf:${ADAPTER}@${commit}`);
    expect(await run("sft", { ...own, out, ...training })).toMatchObject(SUCCESS);
    const { inputs } = JSON.parse(readText(join(out, "run.json"))) as { inputs: object };
    const base = { id: BASE, revision: hubs.get(BASE)!.commit };
    expect(inputs).toMatchObject({ hub: { id: ADAPTER, revision: commit, base } });
  });
});

describe("adapters without a base: one clear error, and exit code 2", { timeout: 60_000 }, () => {
  const expectRefusal = async (model: string, message: RegExp): Promise<void> => {
    const { status, stdout, stderr } = await score(model);
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: "",
      stderr: expect.stringMatching(message) as string,
    });
  };

  test("the hub does not have it", async () => {
    await expectRefusal(
      makeAdapter("lost", "owner/unknown"),
      /^error: \S*lost: its base model cannot be had\. There is neither a folder owner\/unknown nor a model owner\/unknown at http/,
    );
    await offer("owner/lost", at("lost"));
    await expectRefusal(
      "owner/lost",
      /error: hf:owner\/lost@1{40}: its base model cannot be had\. There is neither a folder owner\/unknown nor/,
    );
  });

  test("it is a path of another machine, or nothing", async () => {
    await expectRefusal(
      makeAdapter("elsewhere", "/home/other/model"),
      /^error: \S*elsewhere: adapter_config\.json names the base model \/home\/other\/model, which is neither a folder here nor a name of the hub\. Set base_model_name_or_path to/,
    );
    await expectRefusal(
      makeAdapter("silent", BASE, { base_model_name_or_path: null }),
      /^error: \S*silent: adapter_config\.json names no base model\. Set base_model_name_or_path/,
    );
    expect(numRequests()).toBe(0);
  });

  test("it is an adapter itself, of the hub", async () => {
    await expectRefusal(
      makeAdapter("upper", ADAPTER),
      /error: \S*upper: adapter_config\.json names the base model hf:owner\/adapter@main, which is itself an adapter\. Set/,
    );
    // The base of that one is not downloaded in vain.
    expect(hubs.get(BASE)!.received).toEqual([]);
  });

  test("they go in a circle", async () => {
    await offer("owner/self", makeAdapter("self", "owner/self"));
    await expectRefusal(
      "owner/self",
      /error: hf:owner\/self@1{40}: by the base models that .* is its own base\. Set/,
    );
    makeAdapter("one", at("two"));
    makeAdapter("two", at("one"));
    await expectRefusal(
      at("one"),
      /^error: \S*one: by the base models that .* this adapter is its own base\. Set/,
    );
    await expect(contentHash(at("one"))).rejects.toThrow("is its own base");
  });

  test("the weights are missing, or in another format: nothing of the base is downloaded", async () => {
    const folder = makeAdapter("old", BASE);
    renameSync(join(folder, "adapter_model.safetensors"), join(folder, "adapter_model.bin"));
    await expectRefusal(
      folder,
      /^error: \S*old: no adapter_model\.safetensors beside adapter_config\.json\. Save/,
    );
    await offer("owner/old", folder);
    await expectRefusal(
      "owner/old",
      /^error: owner\/old@main has no adapter_model\.safetensors; it holds .*adapter_model\.bin\. Convert it with PEFT/,
    );
    expect(hubs.get(BASE)!.received).toEqual([]);
  });
});

test(
  "an adapter of an adapter, in folders, has the base of the lower one from the hub",
  { timeout: 60_000 },
  async () => {
    makeAdapter("lower-local", at("base"));
    const expected = (await score(makeAdapter("higher-local", at("lower-local")))).logprob;
    makeAdapter("lower", BASE);
    expect(await score(makeAdapter("higher", at("lower")))).toMatchObject({ ...SUCCESS, logprob: expected });
  },
);

describe("a recipe", { timeout: 60_000 }, () => {
  const recipe = (model: string): string => {
    file("data.jsonl", `${JSON.stringify({ id: "a", instruction: "say:", output: "hi" })}\n`);
    const common = `model: "${model}", data: data.jsonl, template: none`;
    return file(
      "recipe.yaml",
      `name: Adapters\nstages:\n  sft: { kind: sft, ${common}, epochs: 1, batchSize: 1, loraRank: 2 }\n` +
        `  samples: { kind: sample, ${common}, n: 2, maxTokens: 4 }\n` +
        `  own: { kind: sample, model: sft/adapter, data: data.jsonl, template: none, n: 2, maxTokens: 4 }\n`,
    );
  };
  const runRecipe = (path: string, out: string): Promise<TunaExit> =>
    startTuna(["run", path, "--out", out], environment()).exit;

  test.each([
    ["an own adapter", () => makeAdapter("of-recipe", BASE)],
    ["one of the hub", () => ADAPTER],
  ])("%s: downloads before the first stage; runs again where the base has changed", async (name, model) => {
    const [path, out] = [recipe(model()), at(`run with ${name}`)];
    const first = await runRecipe(path, out);
    expect(first).toMatchObject(SUCCESS);
    const start = first.stderr.indexOf("[1/3] sft");
    expect(first.stderr.lastIndexOf("downloading")).toBeLessThan(start);
    expect(first.stderr.indexOf("owner/base: downloading")).toBeGreaterThanOrEqual(0);
    const again = await runRecipe(path, out);
    expect(again.stderr.match(/up to date/g)).toHaveLength(3);
    // Elsewhere in the cache, the same models are the same.
    renameSync(home, `${home}-moved`);
    home = `${home}-moved`;
    expect((await runRecipe(path, out)).stderr.match(/\[[12]\/3\].*up to date/g)).toHaveLength(2);

    saveBase(1, "base-changed");
    const hub = hubs.get(BASE)!;
    const before = hub.commit;
    hub.commit = "2".repeat(40);
    hub.files.set("model.safetensors", readFileSync(join(at("base-changed"), "model.safetensors")));
    const changed = await runRecipe(path, out);
    hub.commit = before;
    hub.files.set("model.safetensors", readFileSync(join(at("base"), "model.safetensors")));
    expect(changed.stderr).toMatch(/\[1\/3\] sft: runs again, because its model \(.*\) changed/);
    expect(changed.stderr).toMatch(/\[2\/3\] samples: runs again, because its model \(.*\) changed/);
  });

  test("a base that cannot be had is found before any stage", async () => {
    const { status, stderr } = await runRecipe(recipe(makeAdapter("lost", "owner/unknown")), at("none"));
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: \S*lost: its base model cannot be had/);
    expect(existsSync(at("none"))).toBe(false);
  });
});

describe("an adapter's content", () => {
  test("is that of its files and its base, wherever they are", async () => {
    cpSync(at("base"), at("own-base"), { recursive: true });
    const hash = await contentHash(makeAdapter("hashed", at("own-base")));
    expect(await contentHash(makeAdapter("hashed", at("base")))).toBe(hash);
    writeFileSync(join(at("hashed"), "README.md"), "not of the model");
    expect(await contentHash(at("hashed"))).toBe(hash);

    saveBase(1, "own-base");
    makeAdapter("hashed", at("own-base"));
    expect(await contentHash(at("hashed"))).not.toBe(hash);
    saveBase(0, "own-base");
    expect(await contentHash(at("hashed"))).toBe(hash);
    makeAdapter("hashed", at("own-base"), { lora_alpha: 8 });
    expect(await contentHash(at("hashed"))).not.toBe(hash);
  });

  test("is known where its base is not there", async () => {
    const hash = await contentHash(makeAdapter("hashed", "owner/one"));
    expect(await contentHash(makeAdapter("hashed", "owner/one", { revision: "v2" }))).not.toBe(hash);
    expect(await contentHash(makeAdapter("hashed", "owner/other"))).not.toBe(hash);
    await expect(contentHash(at("nowhere"))).rejects.toThrow("no such file or folder");
  });
});
