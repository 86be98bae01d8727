/** The files of one commit, put into the cache where they are not there. */
import { existsSync } from "node:fs";
import { mkdir, statfs } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { bytesInWords } from "../text/bytes-in-words.ts";
import { downloadBlob, incompletePath, sizeOf } from "./blob.ts";
import type { ModelCache } from "./cache.ts";
import type { HubFile } from "./listing.ts";
import type { Connection } from "./request.ts";

export interface Snapshot {
  readonly commit: string;
  readonly cache: ModelCache;
  readonly connection: Connection;
  readonly reporter: DownloadReporter;
  readonly exclusively: Exclusively;
}

/** The part of a stage's reporter that is used here. */
export interface DownloadReporter {
  say(text: string): void;
  progress(label: string, total?: number): { update(done: number): void; done(): void };
  readonly signal: AbortSignal;
}

/** Runs the work while no other process holds the lock, and waits for one that does. */
export type Exclusively = (lock: string, work: () => Promise<void>) => Promise<void>;

/** The bar counts these. */
const MEGABYTE = 1e6;

/** Nothing is fetched where the disk has no room for all of it. */
export async function fetchFiles(files: readonly HubFile[], snapshot: Snapshot): Promise<void> {
  const { cache, commit, reporter, connection } = snapshot;
  const missing = files.filter(({ name }) => !existsSync(join(cache.snapshot(commit), name)));
  if (missing.length === 0) return;
  await refuseFullDisk(missing, snapshot);
  const { id } = connection.asked;
  const total = missing.reduce((sum, { size }) => sum + size, 0);
  const names = missing.map(({ name }) => name).join(", ");
  reporter.say(`${id}: downloading ${names} (${bytesInWords(total)})`);
  const bar = reporter.progress(`${id}, MB`, Math.ceil(total / MEGABYTE));
  let before = 0;
  try {
    for (const file of missing) {
      const offset = before;
      await fetchFile(file, snapshot, (bytes) => bar.update(Math.floor((offset + bytes) / MEGABYTE)));
      before += file.size;
    }
  } finally {
    bar.done();
  }
}

async function fetchFile(
  file: HubFile,
  { cache, commit, connection, exclusively }: Snapshot,
  onProgress: (bytes: number) => void,
): Promise<void> {
  const { endpoint, id } = connection.asked;
  const url = `${endpoint}/${id}/resolve/${commit}/${encodeURIComponent(file.name)}`;
  const path = cache.blob(file.hash);
  await exclusively(cache.lock(file.hash), async () => {
    // By now another process may have brought it, and another revision may have the same file.
    if (!existsSync(path)) await downloadBlob({ file, url, path, onProgress }, connection);
    await cache.place(file.hash, commit, file.name);
  });
}

async function refuseFullDisk(files: readonly HubFile[], { cache, connection }: Snapshot): Promise<void> {
  let needed = 0;
  for (const { hash, size } of files) {
    const path = cache.blob(hash);
    if (!existsSync(path)) needed += size - (await sizeOf(incompletePath(path)));
  }
  await mkdir(cache.folder, { recursive: true });
  const { bavail, bsize } = await statfs(cache.folder);
  const free = bavail * bsize;
  if (needed <= free) return;
  throw new UserError(
    `${connection.asked.id} needs ${bytesInWords(needed)} in ${cache.folder}, where ${bytesInWords(free)} are free. Free some space, or set HF_HUB_CACHE to a folder on another disk.`,
    { code: "hub-disk-full", facts: { needed, free } },
  );
}
