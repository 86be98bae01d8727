/**
 * Data of benchmarks, which are not Tuna's to pass on: downloaded by the user's own command into a cache, file by file,
 * each checked before it gets its place. What is there and whole is not fetched again.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { UserError } from "../errors.ts";
import { PATIENCE, type Patience } from "../hub/index.ts";
import { mapConcurrently } from "../llm/index.ts";
import {
  BENCHMARK_SOURCES,
  type BenchmarkFile,
  type BenchmarkName,
  type BenchmarkSource,
} from "./benchmark-sources.ts";
import { type Fetch, downloadBytes } from "./download-bytes.ts";
import { orInterrupted } from "./interruption.ts";
import { withLock } from "./lock.ts";
import type { Reporter } from "./stage.ts";

export interface BenchmarkDownload {
  /** What commands take as `--data`. */
  readonly folder: string;
  readonly downloaded: number;
  /** Files that were there. */
  readonly kept: number;
}

export interface DownloadOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly fetch: Fetch;
  readonly reporter: Reporter;
  readonly patience?: Patience;
  /** Files at once. */
  readonly concurrency?: number;
}

/** Throws a `UserError` for whatever keeps the data from being there; the same call again goes on. */
export async function downloadBenchmark(
  name: string,
  source: BenchmarkSource,
  options: DownloadOptions,
): Promise<BenchmarkDownload> {
  const root = commitFolder(name, source, options.env);
  const { signal } = options.reporter;
  const counts = { downloaded: 0, kept: 0 };
  await orInterrupted({ signal, saved: `what is downloaded so far is in ${root}` }, () =>
    withLock(`${root}.lock`, async () => {
      const { listed } = source;
      await downloadFiles(source.files, source, { ...options, name, root, counts });
      if (listed === undefined) return;
      const files = listed.files(readFileSync(join(root, listed.by), "utf8"));
      await downloadFiles(files, source, { ...options, name, root, counts });
    }),
  );
  return { folder: join(root, source.folder), ...counts };
}

/** The folder of a benchmark that was downloaded. Throws a `UserError` where it is not there, or not wholly. */
export function cachedBenchmark(name: BenchmarkName, env: NodeJS.ProcessEnv): string {
  const source: BenchmarkSource = BENCHMARK_SOURCES[name];
  const root = commitFolder(name, source, env);
  const hasFile = ({ path }: BenchmarkFile): boolean => existsSync(join(root, path));
  const { listed } = source;
  const isWhole =
    source.files.every(hasFile) &&
    (listed === undefined || listed.files(readFileSync(join(root, listed.by), "utf8")).every(hasFile));
  if (isWhole) return join(root, source.folder);
  throw new UserError(
    `The data of ${name} are not in the cache (${root}). Download them with tuna data get ${name}, or name them with --data.`,
    { code: "benchmark-not-downloaded", facts: { name, root } },
  );
}

function commitFolder(name: string, { commit }: BenchmarkSource, env: NodeJS.ProcessEnv): string {
  const cache =
    env["TUNA_CACHE"] || join(env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "tuna/benchmarks");
  return join(cache, name, commit);
}

interface Target extends DownloadOptions {
  readonly name: string;
  readonly root: string;
  readonly counts: { downloaded: number; kept: number };
}

const FILES_AT_ONCE = 4;

async function downloadFiles(
  files: readonly BenchmarkFile[],
  source: BenchmarkSource,
  { name, root, counts, env, fetch, reporter, patience = PATIENCE, concurrency = FILES_AT_ONCE }: Target,
): Promise<void> {
  const missing = files.filter((file) => !isThere(join(root, file.path), file));
  counts.kept += files.length - missing.length;
  const base = `${endpointOf(env)}/${source.repository}/${source.commit}`;
  const { signal } = reporter;
  const bar = reporter.progress(`${name}, files`, files.length);
  let done = files.length - missing.length;
  try {
    await mapConcurrently(
      missing,
      async (file) => {
        const url = `${base}/${file.path}`;
        const isRight = (bytes: Buffer): boolean => isIntact(bytes, file);
        place(await downloadBytes(url, { fetch, signal, patience, isRight }), join(root, file.path));
        counts.downloaded++;
        bar.update(++done, file.path);
      },
      { concurrency, signal },
    );
  } finally {
    bar.done();
  }
}

/** A file is there once it has its name, but somebody may have changed it since. */
function isThere(path: string, file: BenchmarkFile): boolean {
  return existsSync(path) && isIntact(readFileSync(path), file);
}

function isIntact(bytes: Buffer, { gitHash, check }: BenchmarkFile): boolean {
  if (gitHash !== undefined && gitHash !== hashAsGit(bytes)) return false;
  try {
    check?.(bytes.toString("utf8"));
    return true;
  } catch {
    return false;
  }
}

export function hashAsGit(bytes: Buffer): string {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

function place(bytes: Buffer, path: string): void {
  const draft = `${path}.${process.pid}.tmp`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(draft, bytes);
  renameSync(draft, path);
}

const GITHUB_FILES = "https://raw.githubusercontent.com";

function endpointOf({ TUNA_BENCHMARK_ENDPOINT: given }: NodeJS.ProcessEnv): string {
  const endpoint = (given || GITHUB_FILES).replace(/\/+$/, "");
  if (/^https?:\/\//.test(endpoint) && URL.canParse(endpoint)) return endpoint;
  throw new UserError(
    `TUNA_BENCHMARK_ENDPOINT: expected an address such as ${GITHUB_FILES}, came "${given}".`,
    { code: "benchmark-endpoint-invalid" },
  );
}
