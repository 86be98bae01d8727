import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { snapshotOrigin } from "./origin.ts";
import { pinAdapter, pinOf } from "./pinned-adapter.ts";

const COMMIT = "1".repeat(40);
let root: string;
const at = (name: string): string => join(root, name);
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "tuna-pinned-")));
  makeAdapter("adapter");
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function makeAdapter(name: string): void {
  mkdirSync(at(name), { recursive: true });
  const config = { r: 2, base_model_name_or_path: "owner/base", revision: "v1" };
  writeFileSync(join(at(name), "adapter_config.json"), JSON.stringify(config));
  writeFileSync(join(at(name), "adapter_model.safetensors"), "weights");
  writeFileSync(join(at(name), "README.md"), "not wanted");
}

const pin = (adapter = "adapter", base = "base"): string =>
  pinAdapter({ adapter: at(adapter), base: at(base) }, at("assets"));

test("names the base by its place, and leaves the rest to the adapter's own files", () => {
  const folder = pin();
  expect(readdirSync(folder).toSorted()).toEqual([
    "adapter_config.json",
    "adapter_model.safetensors",
    "pin.json",
  ]);
  expect(JSON.parse(readFileSync(join(folder, "adapter_config.json"), "utf8"))).toEqual({
    r: 2,
    base_model_name_or_path: at("base"),
    revision: null,
  });
  expect(readFileSync(join(folder, "adapter_model.safetensors"), "utf8")).toBe("weights");
  expect(pinOf(folder)).toEqual({ adapter: at("adapter"), base: at("base") });
  expect([pinOf(at("adapter")), snapshotOrigin(folder)]).toEqual([undefined, undefined]);
});

test("is made once for the same files and base, and anew for others", () => {
  const folder = pin();
  expect(pin()).toBe(folder);
  writeFileSync(join(at("adapter"), "adapter_model.safetensors"), "other weights");
  const folders = [folder, pin(), pin("adapter", "other base")];
  writeFileSync(join(at("adapter"), "adapter_config.json"), JSON.stringify({ r: 3 }));
  folders.push(pin());
  writeFileSync(join(at("adapter"), "tuna.json"), "{}");
  folders.push(pin());
  expect(new Set(folders).size).toBe(5);
  expect(readdirSync(at("assets/tuna/adapters")).toSorted()).toEqual(
    folders.map((each) => basename(each)).toSorted(),
  );
});

test("of the hub, both are known by their commits", () => {
  const adapter = `models--owner--adapter/snapshots/${COMMIT}`;
  makeAdapter(adapter);
  const folder = pin(adapter, `models--owner--base/snapshots/${COMMIT}`);
  expect(basename(folder)).toMatch(/^owner--adapter-[0-9a-f]{16}$/);
  expect(snapshotOrigin(folder)).toEqual({
    id: "owner/adapter",
    revision: COMMIT,
    base: { id: "owner/base", revision: COMMIT },
  });
});

test("a place that cannot be written is an error that says where else", () => {
  writeFileSync(at("assets"), "a file");
  expect(() => pin()).toThrow(
    /adapter-[0-9a-f]{16} cannot be written: .*Set HF_ASSETS_CACHE to a folder where it can/,
  );
});
