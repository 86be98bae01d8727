import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { hubSettings } from "./settings.ts";

const home = mkdtempSync(join(tmpdir(), "tuna-hub-settings-"));
writeFileSync(join(home, "token"), "hf_of_the_file\n");
afterAll(() => {
  rmSync(home, { recursive: true });
});

test("what holds without any variable", () => {
  const { endpoint, cache, offline } = hubSettings({});
  expect({ endpoint, cache, offline }).toEqual({
    endpoint: "https://huggingface.co",
    cache: join(homedir(), ".cache/huggingface/hub"),
    offline: false,
  });
});

test.each([
  [{ HF_HUB_CACHE: "/c", HUGGINGFACE_HUB_CACHE: "/d", HF_HOME: "/h" }, "/c"],
  [{ HUGGINGFACE_HUB_CACHE: "/d", HF_HOME: "/h" }, "/d"],
  [{ HF_HOME: "/h", XDG_CACHE_HOME: "/x" }, "/h/hub"],
  [{ XDG_CACHE_HOME: "/x", HF_HOME: "" }, "/x/huggingface/hub"],
  [{ HF_HOME: "~/models" }, join(homedir(), "models/hub")],
])("the cache of %o", (env, cache) => {
  expect(hubSettings(env).cache).toBe(cache);
});

test.each([
  [{ HF_ASSETS_CACHE: "~/made", HF_HOME: "/h" }, join(homedir(), "made")],
  [{ HF_HOME: "/h", HF_HUB_CACHE: "/c" }, "/h/assets"],
])("what is made of the cache, with %o", (env, assets) => {
  expect(hubSettings(env).assets).toBe(assets);
});

test.each([
  [{ HF_TOKEN: " hf_a\n", HF_HOME: home }, "hf_a"],
  [{ HF_HOME: home }, "hf_of_the_file"],
  [{ HF_TOKEN_PATH: join(home, "token"), HF_HOME: "/nowhere" }, "hf_of_the_file"],
  [{ HF_HOME: home, HF_HUB_DISABLE_IMPLICIT_TOKEN: "1" }, undefined],
  [{ HF_HOME: "/nowhere" }, undefined],
])("the token of %o", (env, token) => {
  expect(hubSettings(env).token).toBe(token);
});

test("another endpoint, and offline", () => {
  expect(hubSettings({ HF_ENDPOINT: "http://127.0.0.1:8/" }).endpoint).toBe("http://127.0.0.1:8");
  expect(hubSettings({ HF_HUB_OFFLINE: "YES" }).offline).toBe(true);
  expect(hubSettings({ HF_HUB_OFFLINE: "0" }).offline).toBe(false);
  expect(() => hubSettings({ HF_ENDPOINT: "localhost" })).toThrow("HF_ENDPOINT: expected an address such as");
});
