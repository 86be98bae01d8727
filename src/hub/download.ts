/** A model of the hub, or an adapter without its model, as a folder: the files that it takes, from the cache or the hub. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { ModelCache } from "./cache.ts";
import { type Listing, listModel } from "./listing.ts";
import {
  ADAPTER_CONFIG,
  ADAPTER_WEIGHTS,
  REQUIRED,
  WEIGHTS,
  WEIGHTS_INDEX,
  modelFiles,
  shardFiles,
  shardNames,
} from "./model-files.ts";
import { PATIENCE, type Patience } from "./persistence.ts";
import type { HubReference } from "./reference.ts";
import { HubUnreachable } from "./refusal.ts";
import { type Fetch, persistentFetch } from "./request.ts";
import type { HubSettings } from "./settings.ts";
import { type DownloadReporter, type Exclusively, type Snapshot, fetchFiles } from "./snapshot.ts";

export interface DownloadOptions {
  readonly settings: HubSettings;
  readonly reporter: DownloadReporter;
  readonly exclusively: Exclusively;
  /** By way of a proxy, say. Default: Node's own. */
  readonly fetch?: Fetch;
  readonly patience?: Patience;
}

/** The snapshot's folder. Throws a `UserError` for whatever keeps the model from being there. */
export async function downloadModel(reference: HubReference, options: DownloadOptions): Promise<string> {
  const { settings, reporter, exclusively, fetch: send = fetch, patience = PATIENCE } = options;
  const { endpoint, token } = settings;
  const cache = new ModelCache(settings.cache, reference.id);
  if (settings.offline) return cachedModel(reference, cache) ?? refuseOffline(reference, settings);
  const asked = { ...reference, endpoint, hasToken: token !== undefined };
  const connection = { asked, token, patience, signal: reporter.signal, fetch: send };
  try {
    const listing = await listModel(reference, { endpoint, fetch: persistentFetch(connection) });
    return await fetchModel(reference, listing, { cache, connection, reporter, exclusively });
  } catch (error) {
    const cached = error instanceof HubUnreachable ? cachedModel(reference, cache) : undefined;
    if (cached === undefined) throw error;
    reporter.say(`${endpoint} cannot be reached; ${reference.id} is taken from the cache: ${cached}`);
    return cached;
  }
}

async function fetchModel(
  reference: HubReference,
  { commit, files }: Listing,
  target: Omit<Snapshot, "commit">,
): Promise<string> {
  const { cache } = target;
  const snapshot = { ...target, commit };
  const wanted = modelFiles(files, reference);
  // From here on the revision means this commit, also where the rest cannot be had: never an older one in its place.
  cache.rememberCommit(reference.revision, commit);
  await fetchFiles(wanted, snapshot);
  if (wanted.some(({ name }) => name === WEIGHTS_INDEX)) {
    const index = readFileSync(join(cache.snapshot(commit), WEIGHTS_INDEX), "utf8");
    await fetchFiles(shardFiles(index, files, reference), snapshot);
  }
  return cache.snapshot(commit);
}

/** What the cache holds of the revision, where that is a whole model or adapter. */
function cachedModel(reference: HubReference, cache: ModelCache): string | undefined {
  const commit = cache.commitOf(reference.revision);
  if (commit === undefined) return undefined;
  const folder = cache.snapshot(commit);
  const has = (name: string): boolean => existsSync(join(folder, name));
  if (has(ADAPTER_CONFIG) && has(ADAPTER_WEIGHTS)) return folder;
  if (!REQUIRED.every(has)) return undefined;
  if (has(WEIGHTS)) return folder;
  if (!has(WEIGHTS_INDEX)) return undefined;
  const shards = shardNames(readFileSync(join(folder, WEIGHTS_INDEX), "utf8"), reference);
  return shards.every(has) ? folder : undefined;
}

function refuseOffline({ id, revision }: HubReference, { cache }: HubSettings): never {
  throw new UserError(
    `${id}@${revision} is not wholly in the cache ${cache}, and HF_HUB_OFFLINE forbids to download it. Unset that, or give a folder.`,
    { code: "hub-offline", facts: { id, revision, cache } },
  );
}
