/**
 * Downloads one file into the cache: what a cut connection left is gone on with, and nothing gets its place before its
 * size and hash are right. The hub's library can do neither.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { UserError } from "../errors.ts";
import { bytesInWords } from "../text/bytes-in-words.ts";
import type { HubFile } from "./listing.ts";
import { Setback, persistently } from "./persistence.ts";
import { type Connection, request, unreachable } from "./request.ts";

export interface BlobDownload {
  readonly file: HubFile;
  readonly url: string;
  /** Where the blob goes. */
  readonly path: string;
  /** Bytes of this file that are there. */
  readonly onProgress: (bytes: number) => void;
}

/** What is there before the file is whole: not Python's own name for it, so that the two never write to one file. */
export function incompletePath(blob: string): string {
  return `${blob}.tuna.incomplete`;
}

export async function downloadBlob(download: BlobDownload, connection: Connection): Promise<void> {
  const { file, path } = download;
  const incomplete = incompletePath(path);
  await mkdir(dirname(path), { recursive: true });
  // Bytes of an earlier run may be wrong: once more from the start, then the fault is not here.
  for (let tries = 0; tries < 2; tries++) {
    await fetchWhole(download, connection);
    if (await isIntact(incomplete, file)) return rename(incomplete, path);
    await rm(incomplete);
  }
  throw damaged(file, connection);
}

/** As many requests as it takes, while each gets further than those before it. */
async function fetchWhole(download: BlobDownload, connection: Connection): Promise<void> {
  const { patience, signal, asked } = connection;
  let furthest = await sizeOf(incompletePath(download.path));
  const attempt = (onProgress: () => void): Promise<void> =>
    fetchRest(download, connection, (size) => {
      if (size > furthest) onProgress();
      furthest = Math.max(furthest, size);
      download.onProgress(size);
    });
  try {
    await persistently(patience, signal, attempt);
  } catch (error) {
    throw isDiskFull(error) ? diskFull(download, error) : unreachable(error, asked);
  }
}

/** One request. A `Setback` where bytes are missing after it. */
async function fetchRest(
  { file, url, path }: Omit<BlobDownload, "onProgress">,
  connection: Connection,
  onSize: (size: number) => void,
): Promise<void> {
  const incomplete = incompletePath(path);
  let size = await sizeOf(incomplete);
  if (size >= file.size && size > 0) return;
  // Compressed on the way, bytes would be counted otherwise.
  const headers = new Headers({ "accept-encoding": "identity" });
  if (size > 0) headers.set("range", `bytes=${size}-`);
  await request(connection, { url, headers }, async (response, pieces) => {
    const goesOn = response.status === 206 && startOf(response) === size;
    if (!goesOn) size = 0;
    const target = await open(incomplete, goesOn ? "a" : "w");
    try {
      for await (const piece of pieces) {
        await target.appendFile(piece);
        size += piece.length;
        onSize(size);
        if (size > file.size) break;
      }
      await target.sync();
    } finally {
      await target.close();
    }
  });
  if (size < file.size) throw new Setback(`${file.name} ended after ${size} of ${file.size} bytes`);
}

/** Where the part begins that an answer with status 206 brings. */
function startOf({ headers }: Response): number | undefined {
  const [, start] = /^bytes (\d+)-/.exec(headers.get("content-range") ?? "") ?? [];
  return start === undefined ? undefined : Number(start);
}

export async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

const SHA256_DIGITS = 64;

/** A large file is known by its SHA-256, a small one by the hash that Git gives its content. */
async function isIntact(path: string, { size, hash }: HubFile): Promise<boolean> {
  if ((await sizeOf(path)) !== size) return false;
  const digest = createHash(hash.length === SHA256_DIGITS ? "sha256" : "sha1");
  if (hash.length !== SHA256_DIGITS) digest.update(`blob ${size}\0`);
  await pipeline(createReadStream(path), digest);
  return digest.digest("hex") === hash;
}

function isDiskFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOSPC" || code === "EDQUOT";
}

function diskFull({ file, path }: BlobDownload, cause: unknown): UserError {
  return new UserError(
    `${dirname(path)}: the disk is full while ${file.name} (${bytesInWords(file.size)}) is downloaded. Free some space and run the same command again, which goes on where it stopped; or set HF_HUB_CACHE to a folder on another disk.`,
    { code: "hub-disk-full", facts: { path, size: file.size }, cause },
  );
}

function damaged({ name, size }: HubFile, { asked: { endpoint, id } }: Connection): UserError {
  return new UserError(
    `${id}: ${name} came twice with other bytes than ${endpoint} says it has (${size} of them, and their hash). A proxy or a mirror on the way changes files; use another connection or HF_ENDPOINT.`,
    { code: "hub-file-damaged", facts: { id, name } },
  );
}
