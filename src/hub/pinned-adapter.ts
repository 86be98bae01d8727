/**
 * An adapter whose base is of the hub, as a folder that names the base by its place in the cache: whoever loads it needs no
 * hub, and all stages of a recipe see one commit of the base. The adapter's own folder stays as it is; its other files are
 * linked.
 */
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { UserError } from "../errors.ts";
import { snapshotAt } from "./cache.ts";
import { ADAPTER_CONFIG, ADAPTER_OPTIONAL, ADAPTER_WEIGHTS } from "./model-files.ts";

/** Both are folders. */
export interface Pin {
  readonly adapter: string;
  readonly base: string;
}

const PIN = "pin.json";

/** The folder, made where it is not there; equal files of the adapter and an equal base have an equal one. */
export function pinAdapter(pin: Pin, assets: string): string {
  const adapter = realpathSync(pin.adapter);
  const base = resolve(pin.base);
  const config = JSON.parse(readFileSync(join(adapter, ADAPTER_CONFIG), "utf8")) as object;
  const pinned = { ...config, base_model_name_or_path: base, revision: null };
  const linked = [ADAPTER_WEIGHTS, ...ADAPTER_OPTIONAL].filter((name) => existsSync(join(adapter, name)));
  const versions = linked.map((name) => versionOf(join(adapter, name)));
  const key = createHash("sha256")
    .update(JSON.stringify([adapter, pinned, linked, versions]))
    .digest("hex");
  const folder = join(assets, "tuna", "adapters", `${nameOf(adapter)}-${key.slice(0, 16)}`);
  if (existsSync(folder)) return folder;
  try {
    makeWhole(folder, (draft) => {
      for (const name of linked) link(join(adapter, name), join(draft, name));
      writeJson(join(draft, ADAPTER_CONFIG), pinned);
      writeJson(join(draft, PIN), { adapter, base });
    });
  } catch (cause) {
    throw new UserError(
      `${folder} cannot be written: ${(cause as Error).message}. Set HF_ASSETS_CACHE to a folder where it can.`,
      { code: "adapter-not-pinned", facts: { folder }, cause },
    );
  }
  return folder;
}

/** What a folder was made of by `pinAdapter`; undefined for any other. */
export function pinOf(folder: string): Pin | undefined {
  const path = join(folder, PIN);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Pin) : undefined;
}

/** Other processes see all of it or nothing. */
function makeWhole(folder: string, fill: (draft: string) => void): void {
  mkdirSync(dirname(folder), { recursive: true });
  const draft = mkdtempSync(`${folder}.`);
  try {
    fill(draft);
    renameSync(draft, folder);
  } catch (error) {
    // Another process may have made the same.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Windows may forbid links. */
function link(target: string, path: string): void {
  try {
    symlinkSync(target, path);
  } catch {
    copyFileSync(target, path);
  }
}

/** A copy of a file that has changed since would be another's. */
function versionOf(path: string): number[] {
  const { size, mtimeMs } = statSync(path);
  return [size, mtimeMs];
}

/** For people who meet the folder in a message. */
function nameOf(adapter: string): string {
  return snapshotAt(adapter)?.id.replaceAll("/", "--") ?? basename(adapter);
}

function writeJson(path: string, value: object): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}
