/**
 * The cache that all Hugging Face libraries share, for one model: files under their content's hash in `blobs/`, links to
 * them in `snapshots/COMMIT/`, and the commit of each branch and tag in `refs/`.
 */
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { copyFile, mkdir, rename, rm, symlink } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import type { HubReference } from "./reference.ts";

export class ModelCache {
  readonly folder: string;
  readonly #locks: string;

  constructor(cache: string, id: string) {
    const name = ["models", ...id.split("/")].join("--");
    this.folder = join(cache, name);
    this.#locks = join(cache, ".locks", name);
  }

  blob(hash: string): string {
    return join(this.folder, "blobs", hash);
  }

  /** Not the file that Python locks: it does so in a way that Node cannot. */
  lock(hash: string): string {
    return join(this.#locks, `${hash}.tuna.lock`);
  }

  snapshot(commit: string): string {
    return join(this.folder, "snapshots", commit);
  }

  /** The commit that the revision had when it was last looked up. */
  commitOf(revision: string): string | undefined {
    if (isCommit(revision)) return revision;
    const path = join(this.folder, "refs", revision);
    // A folder has the name of a branch where that is the start of another's.
    const isThere = statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
    const commit = isThere ? readFileSync(path, "utf8").trim() : "";
    return isCommit(commit) ? commit : undefined;
  }

  rememberCommit(revision: string, commit: string): void {
    if (this.commitOf(revision) === commit) return;
    const path = join(this.folder, "refs", revision);
    const draft = `${path}.${process.pid}.tmp`;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(draft, commit);
    renameSync(draft, path);
  }

  /** Puts a blob into a snapshot under its file name. */
  async place(hash: string, commit: string, name: string): Promise<void> {
    const path = join(this.snapshot(commit), name);
    const draft = `${path}.${process.pid}.tmp`;
    await mkdir(dirname(path), { recursive: true });
    await rm(draft, { force: true });
    // Relative, so that the cache may be moved. Windows may forbid links.
    await symlink(relative(dirname(path), this.blob(hash)), draft).catch(() =>
      copyFile(this.blob(hash), draft),
    );
    await rename(draft, path);
  }
}

export function isCommit(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/** Which model and commit a folder is a snapshot of; undefined for folders that are not in a cache. */
export function snapshotAt(folder: string): HubReference | undefined {
  const [repository, snapshots, commit] = resolve(folder).split(sep).slice(-3);
  if (snapshots !== "snapshots" || commit === undefined || !isCommit(commit)) return undefined;
  const [kind, ...names] = (repository ?? "").split("--");
  return kind === "models" && names.length > 0 ? { id: names.join("/"), revision: commit } : undefined;
}
