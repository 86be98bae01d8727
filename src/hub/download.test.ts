import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Fault, type HubServer, REPOSITORY, hubToken, startHub } from "../../test/hub-server.ts";
import { UserError } from "../errors.ts";
import { type DownloadOptions, downloadModel } from "./download.ts";
import { snapshotOrigin } from "./origin.ts";
import { parseHubReference } from "./reference.ts";
import { hubSettings } from "./settings.ts";

/** Of a size that takes several pieces. */
const WEIGHTS = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
const SMALL = {
  "config.json": "{}",
  "tokenizer.json": '{"model": {}}',
  "tokenizer_config.json": "{}",
  "README.md": "not wanted",
};
const MODEL = { ...SMALL, "model.safetensors": WEIGHTS, "pytorch_model.bin": "not wanted" };
const PATIENCE = { maxFailures: 3, pauseMs: 1, stallMs: 300 };

let root: string;
let hub: HubServer;
let told: string[];
let aborter: AbortController;
let progress: number[];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "tuna-hub-"));
  hub = await startHub({ files: MODEL });
  [told, progress, aborter] = [[], [], new AbortController()];
});
afterEach(async () => {
  await hub.close();
  rmSync(root, { recursive: true });
});

function download(
  name = REPOSITORY,
  env: NodeJS.ProcessEnv = {},
  more: Partial<DownloadOptions> = {},
): Promise<string> {
  return downloadModel(parseHubReference(name)!, {
    settings: hubSettings({ HF_ENDPOINT: hub.endpoint, HF_HOME: root, ...env }),
    reporter: {
      say: (text) => told.push(text),
      progress: () => ({ update: (done) => progress.push(done), done: () => {} }),
      signal: aborter.signal,
    },
    exclusively: (_, work) => work(),
    patience: PATIENCE,
    ...more,
  });
}

const failure = (promise: Promise<unknown>): Promise<UserError> =>
  promise.then(
    () => expect.unreachable("it did not fail"),
    (error: unknown) => {
      expect(error).toBeInstanceOf(UserError);
      expect(JSON.stringify([(error as Error).message, error])).not.toContain(hubToken);
      return error as UserError;
    },
  );
const repository = (): string => join(root, "hub/models--owner--name");
const incompleteBlobs = (): string[] =>
  readdirSync(join(repository(), "blobs")).filter((name) => name.endsWith(".tuna.incomplete"));
const isWhole = (folder: string): boolean => readFileSync(join(folder, "model.safetensors")).equals(WEIGHTS);
const blobRequests = () => hub.received.filter(({ isElsewhere }) => isElsewhere);
/** One after the other, for the server of large files; then it works. */
const onBlobs = (...faults: Fault[]): void => {
  const rest = [...faults];
  hub.fault = ({ isElsewhere }) => (isElsewhere ? rest.shift() : undefined);
};
const onQuestions = (...faults: Fault[]): void => {
  const rest = [...faults];
  hub.fault = ({ path }) => (path.startsWith("/api/") ? rest.shift() : undefined);
};

describe("the cache", () => {
  test("has the layout of Python's: blobs by their hash, links in a snapshot, the commit of the branch", async () => {
    const folder = await download();
    expect(folder).toBe(join(repository(), "snapshots", hub.commit));
    expect(readdirSync(folder).toSorted()).toEqual([
      "config.json",
      "model.safetensors",
      "tokenizer.json",
      "tokenizer_config.json",
    ]);
    // Git's well-known hash of "{}" without a line end.
    expect(readlinkSync(join(folder, "config.json"))).toBe(
      "../../blobs/9e26dfeeb6e641a33dae4961196235bdb965b21b",
    );
    expect(readlinkSync(join(folder, "model.safetensors"))).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{64}$/);
    expect(isWhole(folder)).toBe(true);
    expect(readFileSync(join(repository(), "refs/main"), "utf8")).toBe(hub.commit);
    expect(incompleteBlobs()).toEqual([]);
    expect(snapshotOrigin(`${folder}/`)).toEqual({ id: REPOSITORY, revision: hub.commit });
    expect(told).toEqual([expect.stringMatching(/^owner\/name: downloading config\.json, .* \(300 kB\)$/)]);
  });

  test("a second time, nothing is downloaded; a moved branch brings what changed", async () => {
    const before = await download();
    const numBlobs = blobRequests().length;
    expect(await download()).toBe(before);
    expect(blobRequests()).toHaveLength(numBlobs);
    hub.commit = "2".repeat(40);
    hub.files.set("config.json", Buffer.from('{"new": 1}'));
    const after = await download();
    expect([after === before, readFileSync(join(after, "config.json"), "utf8")]).toEqual([
      false,
      '{"new": 1}',
    ]);
    expect(blobRequests()).toHaveLength(numBlobs);
    expect(isWhole(after)).toBe(true);
  });

  test("tags, pull requests and commits", async () => {
    for (const revision of ["v1.0", "refs/pr/1", hub.commit]) await download(`${REPOSITORY}@${revision}`);
    expect(readFileSync(join(repository(), "refs/refs/pr/1"), "utf8")).toBe(hub.commit);
    expect(readdirSync(join(repository(), "refs")).toSorted()).toEqual(["refs", "v1.0"]);
  });

  test("shards are those that the index names", async () => {
    hub.files.delete("model.safetensors");
    hub.files.set("a-1.safetensors", Buffer.from("one"));
    hub.files.set("a-2.safetensors", Buffer.from("two"));
    hub.files.set("other.safetensors", Buffer.from("not wanted"));
    const weight_map = { x: "a-1.safetensors", y: "a-2.safetensors", z: "a-1.safetensors" };
    hub.files.set("model.safetensors.index.json", Buffer.from(JSON.stringify({ weight_map })));
    const folder = await download();
    expect(readFileSync(join(folder, "a-2.safetensors"), "utf8")).toBe("two");
    expect(existsSync(join(folder, "other.safetensors"))).toBe(false);
    expect(await download(REPOSITORY, { HF_HUB_OFFLINE: "1" })).toBe(folder);
  });

  test("an adapter is its own files, unless its model's weights stand beside them", async () => {
    hub.files.delete("model.safetensors");
    hub.files.set("adapter_config.json", Buffer.from("{}"));
    hub.files.set("adapter_model.safetensors", WEIGHTS);
    hub.files.set("tuna.json", Buffer.from("{}"));
    const own = ["adapter_config.json", "adapter_model.safetensors", "tuna.json"];
    const folder = await download();
    expect(readdirSync(folder).toSorted()).toEqual(own);
    expect(await download(REPOSITORY, { HF_HUB_OFFLINE: "1" })).toBe(folder);
    rmSync(join(folder, "adapter_model.safetensors"));
    expect((await failure(download(REPOSITORY, { HF_HUB_OFFLINE: "1" }))).code).toBe("hub-offline");

    hub.commit = "2".repeat(40);
    hub.files.set("model.safetensors", WEIGHTS);
    expect(readdirSync(await download())).not.toContain("adapter_config.json");
  });

  test("offline, only what is there counts", async () => {
    const offline = { HF_HUB_OFFLINE: "1" };
    expect((await failure(download(REPOSITORY, offline))).message).toMatch(
      /^owner\/name@main is not wholly in the cache .*, and HF_HUB_OFFLINE forbids/,
    );
    const folder = await download();
    const numRequests = hub.received.length;
    expect(await download(REPOSITORY, offline)).toBe(folder);
    expect(await download(`${REPOSITORY}@${hub.commit}`, offline)).toBe(folder);
    expect(hub.received).toHaveLength(numRequests);
    rmSync(join(folder, "model.safetensors"));
    expect((await failure(download(REPOSITORY, offline))).code).toBe("hub-offline");
  });

  test("where the hub cannot be reached, the cache is used, and that is said", async () => {
    const other = await startHub({ files: {} });
    await other.close();
    const gone = { HF_ENDPOINT: other.endpoint };
    expect((await failure(download(REPOSITORY, gone))).message).toMatch(
      /^http.* cannot be reached for owner\/name \(ECONNREFUSED\)\. Check the connection/,
    );
    const folder = await download();
    expect(await download(REPOSITORY, gone)).toBe(folder);
    expect(told.at(-1)).toContain("taken from the cache");
  });
});

test("an older commit never stands in for a newer one that cannot be had", async () => {
  await download();
  hub.commit = "2".repeat(40);
  hub.files.set("model.safetensors", Buffer.from("other weights"));
  onBlobs({ status: 503 }, { status: 503 }, { status: 503 });
  expect((await failure(download())).code).toBe("hub-unreachable");
  expect((await failure(download(REPOSITORY, { HF_HUB_OFFLINE: "1" }))).code).toBe("hub-offline");
});

describe("bad connections", () => {
  test("a cut blob goes on where it stopped, however often", async () => {
    onBlobs(...Array.from({ length: 6 }, () => ({ cutAfter: 40_000 })));
    expect(isWhole(await download())).toBe(true);
    const starts = blobRequests().map(({ range }) => Number(range?.slice("bytes=".length, -1) ?? 0));
    expect(starts).toHaveLength(7);
    // Of a connection that is cut, a busy machine may have read nothing.
    expect(starts.every((start, index) => index === 0 || start >= starts[index - 1]!)).toBe(true);
    expect(starts.at(-1)).toBeGreaterThan(0);
    expect(progress.at(-1)).toBe(0);
  });

  test("a run that gave up goes on where it stopped", async () => {
    onBlobs({ cutAfter: 100_000 }, { status: 503 }, { status: 503 });
    const { code, message } = await failure(download());
    expect([code, message]).toEqual(["hub-unreachable", expect.stringContaining("(it answered 503)")]);
    const incomplete = incompleteBlobs()[0];
    const size = lstatSync(join(repository(), "blobs", incomplete!)).size;
    expect(size).toBe(100_000);
    hub.received.length = 0;
    expect(isWhole(await download())).toBe(true);
    expect(blobRequests().map(({ range }) => range)).toEqual([`bytes=${size}-`]);
  });

  test("a server without ranges starts over, and does not go on for ever", async () => {
    onBlobs({ cutAfter: 100_000 }, { ignoresRange: true });
    expect(isWhole(await download())).toBe(true);
    rmSync(repository(), { recursive: true });
    const cut = { cutAfter: 100_000, ignoresRange: true };
    onBlobs(...Array.from({ length: 20 }, () => cut));
    expect((await failure(download())).code).toBe("hub-unreachable");
  });

  test("wrong bytes are found and fetched again; twice wrong is an error", async () => {
    onBlobs({ isWrong: true });
    expect(isWhole(await download())).toBe(true);
    rmSync(repository(), { recursive: true });
    onBlobs({ isWrong: true }, { isWrong: true });
    expect((await failure(download())).message).toMatch(
      /^owner\/name: model\.safetensors came twice with other bytes/,
    );
    expect(incompleteBlobs()).toEqual([]);
    expect(isWhole(await download())).toBe(true);
  });

  test("a file without an end is wrong, too", async () => {
    onBlobs({ isTooLong: true }, { isTooLong: true });
    expect((await failure(download())).code).toBe("hub-file-damaged");
  });

  test("small files are checked as well", async () => {
    hub.fault = ({ path }) => (path.endsWith("/config.json") ? { isWrong: true } : undefined);
    expect((await failure(download())).message).toContain("config.json came twice");
  });

  test.each<[string, Fault[]]>([
    [
      "500, then 429 that asks for a pause",
      [{ status: 500 }, { status: 429, headers: { "retry-after": "0" } }],
    ],
    ["a link to the file that has expired", [{ status: 403, headers: { "x-error-code": "AccessDenied" } }]],
    ["a connection that stalls", [{ isSilent: true }]],
    ["a connection that is cut at once", [{ cutAfter: 0 }]],
  ])("another try after %s", async (_, faults) => {
    onBlobs(...faults);
    expect(isWhole(await download())).toBe(true);
    expect(blobRequests()).toHaveLength(faults.length + 1);
  });

  test("questions are asked again, too", async () => {
    onQuestions({ status: 502 }, { isSilent: true });
    expect(isWhole(await download())).toBe(true);
    rmSync(repository(), { recursive: true });
    onQuestions({ status: 429 }, { status: 429 }, { status: 429 });
    expect((await failure(download())).message).toContain("(it answered 429)");
  });

  test("an abort ends it at once, and keeps what is there", async () => {
    onBlobs({ cutAfter: 50_000 }, { isSilent: true });
    const running = download(REPOSITORY, {}, { patience: { ...PATIENCE, stallMs: 60_000 } });
    while (blobRequests().length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    aborter.abort();
    await expect(running).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
    expect(incompleteBlobs()).toHaveLength(1);
  });
});

describe("refusals: one message that says what to do", () => {
  test("a gated model", async () => {
    await hub.close();
    hub = await startHub({ files: MODEL, isGated: true });
    expect((await failure(download())).message).toBe(
      `owner/name is gated, and no token was sent. Ask for access at ${hub.endpoint}/owner/name, then set HF_TOKEN to a token of that account (${hub.endpoint}/settings/tokens).`,
    );
    expect((await failure(download(REPOSITORY, { HF_TOKEN: "hf_other" }))).message).toMatch(
      /^owner\/name is gated, and the account of the token that was sent has no access/,
    );
    hub.received.length = 0;
    expect(isWhole(await download(REPOSITORY, { HF_TOKEN: hubToken }))).toBe(true);
    // The server of large files is another one, and must not get the token.
    for (const { isElsewhere, authorization } of hub.received) {
      expect(authorization).toBe(isElsewhere ? undefined : `Bearer ${hubToken}`);
    }
  });

  test.each<[string, string, Fault | undefined, RegExp]>([
    [
      "an unknown model",
      "owner/nmae",
      undefined,
      /^There is neither a folder owner\/nmae nor a model owner\/nmae at http.* needs HF_TOKEN/,
    ],
    [
      "an unknown revision",
      "owner/name@v9",
      undefined,
      /^owner\/name has no revision "v9"\. Name a branch, a tag or/,
    ],
    ["401 without a code", "owner/name", { status: 401 }, /refuses owner\/name \(401\)\. Set HF_TOKEN/],
    ["403", "owner/name", { status: 403 }, /refuses owner\/name \(403\)/],
    [
      "another status",
      "owner/name",
      { status: 418 },
      /answered 418 for owner\/name@main\. Check HF_ENDPOINT/,
    ],
    [
      "a page instead of JSON",
      "owner/name",
      { status: 200, body: "<html>" },
      /expected JSON, came .*check HF_ENDPOINT/,
    ],
    [
      "other JSON",
      "owner/name",
      { status: 200, body: "{}" },
      /expected the commit of owner\/name@main, came undefined/,
    ],
  ])("%s", async (_, name, fault, message) => {
    onQuestions(...(fault === undefined ? [] : [fault]));
    expect((await failure(download(name))).message).toMatch(message);
    expect(hub.received).toHaveLength(1);
  });

  test("a token that is refused", async () => {
    onQuestions({ status: 401, body: hubToken });
    expect((await failure(download(REPOSITORY, { HF_TOKEN: hubToken }))).message).toContain(
      "The token that was sent is not valid",
    );
  });

  test("no safetensors, no tokenizer.json", async () => {
    hub.files.delete("model.safetensors");
    expect((await failure(download())).message).toBe(
      "owner/name@main has no model.safetensors; it holds config.json, tokenizer.json, tokenizer_config.json, pytorch_model.bin. Convert it with transformers (from_pretrained, then save_pretrained) and give the saved folder, or choose another revision.",
    );
    hub.files.delete("tokenizer.json");
    expect((await failure(download())).message).toContain("has no tokenizer.json");
    hub.files.set("adapter_config.json", Buffer.from("{}"));
    hub.files.set("adapter_model.bin", Buffer.from("not wanted"));
    expect((await failure(download())).message).toMatch(
      /has no adapter_model\.safetensors; it holds .*Convert it with PEFT \(from_pretrained, then save_pretrained\)/,
    );
    expect(existsSync(repository())).toBe(false);
  });

  test("an index that names files outside the repository", async () => {
    hub.files.delete("model.safetensors");
    hub.files.set(
      "model.safetensors.index.json",
      Buffer.from('{"weight_map": {"x": "../../x.safetensors"}}'),
    );
    expect((await failure(download())).message).toContain("has no ../../x.safetensors");
  });

  test.skipIf(!existsSync("/dev/full"))("a full disk (needs /dev/full)", async () => {
    await download();
    const blobs = join(repository(), "blobs");
    const weights = readdirSync(blobs).find((name) => name.length === 64);
    rmSync(repository(), { recursive: true });
    mkdirSync(blobs, { recursive: true });
    symlinkSync("/dev/full", join(blobs, `${weights}.tuna.incomplete`));
    expect((await failure(download())).message).toMatch(
      /the disk is full while model\.safetensors \(300 kB\).*HF_HUB_CACHE/,
    );
  });
});

test("two at once download a file once", async () => {
  let last: Promise<unknown> = Promise.resolve();
  const exclusively = (_: string, work: () => Promise<void>): Promise<void> => {
    const next = last.then(work);
    last = next.catch(() => {});
    return next;
  };
  const folders = await Promise.all([
    download(REPOSITORY, {}, { exclusively }),
    download(REPOSITORY, {}, { exclusively }),
  ]);
  expect(folders[0]).toBe(folders[1]);
  expect(blobRequests()).toHaveLength(1);
});

test("a link that leads nowhere is mended", async () => {
  const folder = await download();
  rmSync(join(repository(), "blobs"), { recursive: true });
  writeFileSync(join(repository(), "refs/main"), "damaged");
  expect(await download()).toBe(folder);
  expect(isWhole(folder)).toBe(true);
  expect(readFileSync(join(repository(), "refs/main"), "utf8")).toBe(hub.commit);
});
