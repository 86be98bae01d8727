/** A hub on loopback for tests: model info, file tree, and files, the large ones on a server of their own. */
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

export interface HubServer {
  /** For HF_ENDPOINT. */
  readonly endpoint: string;
  readonly received: HubRequest[];
  /** What a request gets instead of its answer, or what happens to that on the way. */
  fault: (request: HubRequest) => Fault | undefined;
  /** Files by name; a change is a new commit for whoever asks later. */
  readonly files: Map<string, Buffer>;
  commit: string;
  close(): Promise<void>;
}

export interface HubRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
  /** Whether it came to the server of large files. */
  readonly isElsewhere: boolean;
}

export interface Fault {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** Bytes of the answer's body after which the connection is cut. */
  readonly cutAfter?: number;
  /** Bytes of the answer's body after which nothing more comes. */
  readonly stopAfter?: number;
  /** Before the body. */
  readonly delayMs?: number;
  /** The answer's first byte is another one. */
  readonly isWrong?: boolean;
  /** More bytes come than the file has. */
  readonly isTooLong?: boolean;
  /** Nothing is ever answered. */
  readonly isSilent?: boolean;
  /** The whole file, whatever the range. */
  readonly ignoresRange?: boolean;
}

export const REPOSITORY = "owner/name";
const TOKEN = "hf_secret";
/** The hub keeps weights elsewhere, and known by their SHA-256. */
const isLarge = (name: string): boolean => name.endsWith(".safetensors");

interface HubOptions {
  readonly files: Readonly<Record<string, string | Buffer>>;
  /** Files need the token of `HubServer.token`, and its owner has been given access. */
  readonly isGated?: boolean;
}

export function filesOf(folder: string): Record<string, Buffer> {
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
}

export async function startHub({ files, isGated = false }: HubOptions): Promise<HubServer> {
  const hub: HubServer = {
    endpoint: "",
    received: [],
    fault: () => undefined,
    files: new Map(Object.entries(files).map(([name, content]) => [name, Buffer.from(content)])),
    commit: "1".repeat(40),
    close: async () => {},
  };
  const store = createServer((incoming, response) => answer(incoming, response, true));
  const main = createServer((incoming, response) => answer(incoming, response, false));
  const answer = (incoming: IncomingMessage, response: ServerResponse, isElsewhere: boolean): void => {
    const { authorization, range } = incoming.headers;
    const request = { path: incoming.url ?? "", authorization, range, isElsewhere };
    hub.received.push(request);
    const fault = hub.fault(request) ?? {};
    if (fault.isSilent) return;
    if (fault.status !== undefined)
      return void response.writeHead(fault.status, fault.headers).end(fault.body);
    const [, name] = /\/(?:resolve\/[0-9a-f]+|store)\/([^?]+)/.exec(request.path) ?? [];
    if (name === undefined) return answerQuestion(hub, request.path, response);
    if (isGated && !isElsewhere && authorization !== `Bearer ${TOKEN}`)
      return refuse(response, 401, "GatedRepo");
    const content = hub.files.get(name);
    if (content === undefined) return refuse(response, 404, "EntryNotFound");
    if (!isElsewhere && isLarge(name)) {
      const facts = { "X-Repo-Commit": hub.commit, "X-Linked-ETag": `"${hashOf(name, content)}"` };
      const location = `${urlOf(store)}/store/${name}?signature=1`;
      return void response
        .writeHead(302, { ...facts, "X-Linked-Size": String(content.length), Location: location })
        .end();
    }
    response.setHeader("X-Repo-Commit", hub.commit);
    sendFile(content, { request, fault, response, etag: hashOf(name, content) });
  };
  await Promise.all([listen(main), listen(store)]);
  return Object.assign(hub, {
    endpoint: urlOf(main),
    close: async () => void (await Promise.all([close(main), close(store)])),
  });
}

export const hubToken = TOKEN;

/** Model info and file tree. */
function answerQuestion({ commit, files }: HubServer, path: string, response: ServerResponse): void {
  const [, id, kind, revision] = /^\/api\/models\/([^/]+\/[^/]+)\/(revision|tree)\/([^?]+)/.exec(path) ?? [];
  if (id !== REPOSITORY) return refuse(response, 401, "RepoNotFound");
  if (!["main", "v1.0", "refs%2Fpr%2F1", commit].includes(revision!))
    return refuse(response, 404, "RevisionNotFound");
  if (kind === "revision")
    return sendJson(response, {
      _id: "1",
      id,
      sha: commit,
      lastModified: "2024-01-01T00:00:00.000Z",
      siblings: [...files.keys()].map((rfilename) => ({ rfilename })),
    });
  const entries = [...files].map(([name, content]) => {
    const hash = hashOf(name, content);
    const lfs = { oid: hash, size: content.length, pointerSize: 120 };
    const oid = isLarge(name) ? "0".repeat(40) : hash;
    return { type: "file", path: name, size: content.length, oid, ...(isLarge(name) ? { lfs } : {}) };
  });
  sendJson(response, [{ type: "directory", path: "onnx", size: 0, oid: "2".repeat(40) }, ...entries]);
}

interface Delivery {
  readonly request: HubRequest;
  readonly fault: Fault;
  readonly response: ServerResponse;
  readonly etag: string;
}

function sendFile(content: Buffer, { request, fault, response, etag }: Delivery): void {
  const range = fault.ignoresRange ? undefined : request.range;
  const start = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
  const body = Buffer.from(content.subarray(start));
  if (fault.isTooLong) return void response.end(Buffer.concat([body, body]));
  if (fault.isWrong) body[0]! ^= 1;
  const headers: Record<string, string | number> = { ETag: `"${etag}"`, "Content-Length": body.length };
  if (range !== undefined)
    headers["Content-Range"] = `bytes ${start}-${content.length - 1}/${content.length}`;
  response.writeHead(range === undefined ? 200 : 206, headers);
  if (fault.stopAfter !== undefined) return void response.write(body.subarray(0, fault.stopAfter));
  if (fault.delayMs !== undefined) return void setTimeout(() => response.end(body), fault.delayMs);
  if (fault.cutAfter === undefined) return void response.end(body);
  response.write(body.subarray(0, fault.cutAfter), () => setTimeout(() => response.destroy(), 20));
}

function hashOf(name: string, content: Buffer): string {
  if (isLarge(name)) return createHash("sha256").update(content).digest("hex");
  return createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { "X-Error-Code": code, "Content-Type": "application/json" });
  response.end(JSON.stringify({ error: `the hub's own words about ${TOKEN}` }));
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(value));
}

type Server = ReturnType<typeof createServer>;

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
