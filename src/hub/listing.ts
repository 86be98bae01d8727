/** What a revision of a model holds, asked of the hub through its own library. */
import { UserError } from "../errors.ts";
import { isCommit } from "./cache.ts";
import type { HubReference } from "./reference.ts";

export interface HubFile {
  readonly name: string;
  readonly size: number;
  /** SHA-256 of a large file; Git's hash of a small one. It is the name of the blob in the cache. */
  readonly hash: string;
}

export interface Listing {
  readonly commit: string;
  /** Of the repository's root. */
  readonly files: readonly HubFile[];
}

/** `fetch` brings the token, tries again, and throws for refusals; the library builds addresses and reads pages. */
export async function listModel(reference: HubReference, hub: Hub): Promise<Listing> {
  try {
    return await ask(reference, hub);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw unexpected(hub.endpoint, "JSON", error.message);
  }
}

interface Hub {
  readonly endpoint: string;
  readonly fetch: typeof fetch;
}

async function ask({ id, revision }: HubReference, { endpoint: hubUrl, fetch }: Hub): Promise<Listing> {
  // It takes a moment to load, which commands on local folders should not wait for.
  const { listFiles, modelInfo } = await import("@huggingface/hub");
  const { sha: commit } = await modelInfo({ name: id, revision, additionalFields: ["sha"], hubUrl, fetch });
  if (!isCommit(commit)) throw unexpected(hubUrl, `the commit of ${id}@${revision}`, commit);
  const files: HubFile[] = [];
  const repo = { type: "model", name: id } as const;
  for await (const entry of listFiles({ repo, revision: commit, hubUrl, fetch })) {
    if (entry.type !== "file") continue;
    const hash = entry.lfs?.oid ?? entry.oid;
    // It becomes a file's name.
    if (!/^[0-9a-f]{40,64}$/.test(hash ?? "")) throw unexpected(hubUrl, `the hash of ${entry.path}`, hash);
    files.push({ name: entry.path, size: entry.size, hash: hash! });
  }
  return { commit, files };
}

function unexpected(endpoint: string, what: string, came: unknown): UserError {
  return new UserError(
    `${endpoint}: expected ${what}, came ${JSON.stringify(came)}. It is no server of the hub's kind; check HF_ENDPOINT.`,
    { code: "hub-answer-unexpected", facts: { endpoint } },
  );
}
