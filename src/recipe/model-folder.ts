/** Where the model of a command or a stage is: in a folder, or on the hub, from where it is downloaded. */
import { existsSync, realpathSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../errors.ts";
import {
  type AdapterBase,
  type HubReference,
  adapterBase,
  adapterInCircle,
  downloadModel,
  formatHubReference,
  hubReference,
  hubSettings,
  parseHubReference,
  pinAdapter,
  pinOf,
  snapshotOrigin,
  withoutBase,
} from "../hub/index.ts";
import { proxiedFetch } from "../llm/index.ts";
import { orInterrupted } from "./interruption.ts";
import { withLock } from "./lock.ts";
import type { Reporter } from "./stage.ts";

/**
 * The folder to load. A folder of that name comes before a model of the hub; `hf:` names the hub alone. Of an adapter, the
 * folder names a base that is there.
 */
export async function resolveModelFolder(model: string, reporter: Reporter): Promise<string> {
  const reference = existsSync(model) ? undefined : parseHubReference(model);
  const { signal } = reporter;
  return orInterrupted({ signal, saved: "what is downloaded so far is kept" }, async () =>
    // What is neither is for `loadModel` to explain.
    withBase(reference === undefined ? model : await download(reference, reporter), reporter),
  );
}

/** The model's name for records: `hf:owner/name@commit` for one of the hub, wherever its cache is, or its folder. */
export function modelName(folder: string): string {
  const origin = snapshotOrigin(folder);
  return origin === undefined ? (pinOf(folder)?.adapter ?? folder) : formatHubReference(origin);
}

/** The folder itself, unless it is an adapter whose base, or that one's base, is of the hub. */
async function withBase(folder: string, reporter: Reporter, above: readonly string[] = []): Promise<string> {
  const base = adapterBase(folder);
  if (base === undefined) return folder;
  const place = realpathSync(folder);
  if (above.includes(place)) throw adapterInCircle(folder);
  const found = existsSync(base.name)
    ? await withBase(base.name, reporter, [...above, place])
    : await downloadBase(folder, base, reporter);
  if (found === base.name) return folder;
  return pinAdapter({ adapter: folder, base: found }, hubSettings(process.env).assets);
}

async function downloadBase(adapter: string, base: AdapterBase, reporter: Reporter): Promise<string> {
  const name = modelName(adapter);
  const reference = hubReference(base.name, base.revision);
  if (reference === undefined) {
    throw withoutBase(
      name,
      `names the base model ${base.name}, which is neither a folder here nor a name of the hub`,
    );
  }
  const folder = await download(reference, reporter).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    const { code, facts, message } = error;
    throw new UserError(`${name}: its base model cannot be had. ${message}`, { code, facts, cause: error });
  });
  const next = adapterBase(folder);
  if (next === undefined) return folder;
  if (snapshotOrigin(adapter)?.id === reference.id) throw adapterInCircle(name);
  throw withoutBase(
    name,
    `names the base model ${formatHubReference(reference)}, which is itself an adapter`,
  );
}

function download(reference: HubReference, reporter: Reporter): Promise<string> {
  return downloadModel(reference, {
    settings: hubSettings(process.env),
    reporter,
    fetch: proxiedFetch(process.env),
    exclusively: (lock, work) => whenFree(lock, work, reporter),
  });
}

const LOOK_AGAIN_MS = 500;

async function whenFree(lock: string, work: () => Promise<void>, reporter: Reporter): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return await withLock(lock, work);
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== "output-in-use") throw error;
      if (tries === 0) {
        const { pid, host } = error.facts;
        reporter.say(
          `waiting for process ${String(pid)} on ${String(host)}, which downloads the same file; if it is gone, remove ${lock}`,
        );
      }
    }
    await sleep(LOOK_AGAIN_MS, undefined, { signal: reporter.signal });
  }
}
