/** Downloads and teachers by way of a proxy, as processes. Names that end in `.test` exist for the proxy alone. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { createServer as createTlsServer } from "node:tls";
import { type AddressInfo, type Server, type Socket, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type ScriptedServer,
  chatBody,
  sendJson,
  startScriptedServer,
} from "../src/llm/scripted-server.fixture.ts";
import { saveModel } from "../src/model/index.ts";
import { type HubServer, REPOSITORY, filesOf, startHub } from "./hub-server.ts";
import { tinyModel } from "./tiny-model.ts";
import { type Flags, type TunaExit, commandLine, readLines, startTuna } from "./tuna-process.ts";

/** A program of the machine, where it has it. */
const OPENSSL = "openssl";

let root: string;
let hub: HubServer;
let teacher: ScriptedServer;
let proxy: { readonly url: string; readonly seen: string[] };
const closing: (() => void)[] = [];
const at = (name: string): string => join(root, name);

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "tuna-hub-proxy-"));
  saveModel(tinyModel({ config: { max_position_embeddings: 128 } }), at("model"));
  hub = await startHub({ files: filesOf(at("model")) });
  teacher = await startScriptedServer(sendJson(chatBody(["one", "two"], [[-0.5], [-0.25]])));
});
afterEach(async () => {
  for (const close of closing.splice(0)) close();
  await Promise.all([hub.close(), teacher.close()]);
  rmSync(root, { recursive: true });
});

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket.on("error", () => {})));
  closing.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** Forwards plain HTTP, and opens tunnels, to ports of this machine by the names that are asked for. */
async function startProxy(ports: Readonly<Record<string, number>>): Promise<typeof proxy> {
  const seen: string[] = [];
  const server = createServer((incoming, response) => {
    const { method, headers } = incoming;
    const url = new URL(incoming.url!);
    seen.push(`${method} ${url.origin}`);
    const path = `${url.pathname}${url.search}`;
    const onward = request({ port: ports[url.hostname], path, method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(onward);
  });
  server.on("connect", ({ url }, socket: Socket) => {
    seen.push(`CONNECT ${url}`);
    const onward = connect(ports[url!.split(":")[0]!]!, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      socket.pipe(onward).pipe(socket);
    });
    for (const side of [socket, onward]) side.on("error", () => onward.destroy());
  });
  return { url: `http://127.0.0.1:${await listen(server)}`, seen };
}

/** The server behind a TLS connection, with the certificate of `makeCertificate`. */
function startTls(target: string): Promise<number> {
  const { hostname, port } = new URL(target);
  const server = createTlsServer(
    { key: readFileSync(at("key.pem")), cert: readFileSync(at("cert.pem")) },
    (socket) => {
      const onward = connect(Number(port), hostname);
      for (const side of [socket, onward]) side.on("error", () => onward.destroy());
      socket.pipe(onward).pipe(socket);
    },
  );
  return listen(server);
}

function makeCertificate(): void {
  const names = "subjectAltName=DNS:hub.test,DNS:teacher.test";
  const files = ["-keyout", at("key.pem"), "-out", at("cert.pem")];
  const made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const { status, stderr } = spawnSync(OPENSSL, [
    ...made,
    "-subj",
    "/CN=tuna test",
    "-addext",
    names,
    ...files,
  ]);
  expect({ status, stderr: status === 0 ? "" : String(stderr) }).toEqual({ status: 0, stderr: "" });
}
const hasOpenssl = spawnSync(OPENSSL, ["version"]).status === 0;

function run(command: string, flags: Flags, env: NodeJS.ProcessEnv): Promise<TunaExit> {
  const unset = {
    HTTP_PROXY: "",
    HTTPS_PROXY: "",
    NO_PROXY: "",
    HF_TOKEN: "",
    HF_HUB_CACHE: "",
    HF_HUB_OFFLINE: "",
  };
  // A process gets no variable whose value is undefined.
  const lower = { http_proxy: undefined, https_proxy: undefined, no_proxy: undefined };
  return startTuna(commandLine(command, flags), { HF_HOME: at("home"), ...unset, ...lower, ...env }).exit;
}

async function expectBoth(protocol: "http" | "https", env: NodeJS.ProcessEnv): Promise<void> {
  const generated = await run(
    "generate",
    { model: REPOSITORY, prompt: "a", "max-tokens": 2 },
    { HF_ENDPOINT: `${protocol}://hub.test`, ...env },
  );
  expect(generated).toMatchObject({ status: 0, stderr: expect.stringContaining("downloading") as string });
  writeFileSync(at("data.jsonl"), `${JSON.stringify({ id: "a", instruction: "say:", output: "hi" })}\n`);
  const flags = { teacher: `${protocol}://teacher.test/v1#scripted`, data: at("data.jsonl"), n: 2 } as const;
  const start = performance.now();
  const sampled = await run("sample", { ...flags, out: at("sampled.jsonl") }, env);
  expect(sampled).toMatchObject({ status: 0 });
  // Nothing of the proxy's connections keeps the process.
  expect(performance.now() - start).toBeLessThan(10_000);
  const [list] = readLines<{ responses: { text: string }[] }>(at("sampled.jsonl"));
  expect(list!.responses.map(({ text }) => text)).toEqual(["one", "two"]);
}

describe("a proxy", { timeout: 60_000 }, () => {
  const portOf = (address: string): number => Number(new URL(address).port);

  test("forwards plain HTTP, but for the large files' server, which is on this machine", async () => {
    proxy = await startProxy({ "hub.test": portOf(hub.endpoint), "teacher.test": portOf(teacher.baseUrl) });
    await expectBoth("http", { HTTP_PROXY: proxy.url });
    expect(new Set(proxy.seen)).toEqual(new Set(["GET http://hub.test", "POST http://teacher.test"]));
    expect(hub.received.filter(({ isElsewhere }) => isElsewhere)).toHaveLength(1);
  });

  test.skipIf(!hasOpenssl)("is asked for tunnels to HTTPS servers (needs openssl)", async () => {
    makeCertificate();
    proxy = await startProxy({
      "hub.test": await startTls(hub.endpoint),
      "teacher.test": await startTls(teacher.baseUrl),
    });
    // The one for plain HTTP is not there: it must not matter.
    const env = {
      HTTPS_PROXY: proxy.url,
      HTTP_PROXY: "http://127.0.0.1:9",
      NODE_EXTRA_CA_CERTS: at("cert.pem"),
    };
    await expectBoth("https", env);
    expect(new Set(proxy.seen)).toEqual(new Set(["CONNECT hub.test:443", "CONNECT teacher.test:443"]));
  });

  test("has no part in what is on this machine", async () => {
    const gone = { HTTP_PROXY: "http://127.0.0.1:9", HTTPS_PROXY: "http://127.0.0.1:9" };
    const flags = { model: REPOSITORY, prompt: "a", "max-tokens": 2 };
    expect(await run("generate", flags, { HF_ENDPOINT: hub.endpoint, ...gone })).toMatchObject({ status: 0 });
  });

  test("that cannot be used is an error that names its variable", async () => {
    const flags = { model: REPOSITORY, prompt: "a" };
    const env = { HF_ENDPOINT: "https://hub.test", HTTPS_PROXY: "socks5://user:secret@127.0.0.1:9" };
    const { status, stderr } = await run("generate", flags, env);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: HTTPS_PROXY: expected the address of an HTTP proxy/);
    expect(stderr).not.toContain("secret");
  });
});
