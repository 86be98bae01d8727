/** Where the model of a command or a stage is: in a folder, or on the hub, from where it is downloaded. */
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../errors.ts";
import {
  downloadModel,
  formatHubReference,
  hubSettings,
  parseHubReference,
  snapshotOrigin,
} from "../hub/index.ts";
import { orInterrupted } from "./interruption.ts";
import { withLock } from "./lock.ts";
import type { Reporter } from "./stage.ts";

/** The folder to load. A folder of that name comes before a model of the hub; `hf:` names the hub alone. */
export async function resolveModelFolder(model: string, reporter: Reporter): Promise<string> {
  const reference = existsSync(model) ? undefined : parseHubReference(model);
  // What is neither is for `loadModel` to explain.
  if (reference === undefined) return model;
  const { signal } = reporter;
  return orInterrupted({ signal, saved: "what is downloaded so far is kept" }, () =>
    downloadModel(reference, {
      settings: hubSettings(process.env),
      reporter,
      exclusively: (lock, work) => whenFree(lock, work, reporter),
    }),
  );
}

/** The model's name for records: `hf:owner/name@commit` for one of the hub, wherever its cache is, or its folder. */
export function modelName(folder: string): string {
  const origin = snapshotOrigin(folder);
  return origin === undefined ? folder : formatHubReference(origin);
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
