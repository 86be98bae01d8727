/** A proxy on loopback that forwards plain HTTP; names that end in `.test` exist for it alone. */
import { type IncomingMessage, type ServerResponse, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { connectModel } from "./connect.ts";
import { proxiedFetch } from "./proxied-fetch.ts";
import {
  type ScriptedServer,
  hangMidBody,
  sendChat,
  startScriptedServer,
} from "./scripted-server.fixture.ts";

const ASK = { messages: [{ role: "user", content: "Hello" }], temperature: 0 } as const;

interface Proxy {
  readonly url: string;
  readonly seen: string[];
  /** Instead of forwarding. */
  status: number | undefined;
  close(): void;
}

let server: ScriptedServer;
let proxy: Proxy;
beforeEach(async () => {
  server = await startScriptedServer(sendChat("Hi."));
  proxy = await startProxy(new URL(server.baseUrl).port);
});
afterEach(async () => {
  proxy.close();
  await server.close();
});

/** Forwards everything to one port of this machine. */
async function startProxy(port: string): Promise<Proxy> {
  const forward = (incoming: IncomingMessage, response: ServerResponse): void => {
    const { method, url, headers } = incoming;
    proxied.seen.push([method, url, headers["proxy-authorization"]].join(" "));
    if (proxied.status !== undefined) return void response.writeHead(proxied.status).end();
    if (url === "http://away.test/") return void response.writeHead(307, { location: server.baseUrl }).end();
    const { pathname: path } = new URL(url!);
    const onward = request({ host: "127.0.0.1", port, path, method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    incoming.pipe(onward);
  };
  const listener = createServer(forward);
  await new Promise<void>((resolve) => {
    listener.listen(0, "127.0.0.1", resolve);
  });
  const proxied: Proxy = {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    seen: [],
    status: undefined,
    close() {
      listener.close();
      listener.closeAllConnections();
    },
  };
  return proxied;
}

/** One that nobody on this machine could look up. */
const JUDGE = "http://judge.test/v1#scripted";
const environment = (more: Record<string, string> = {}) => ({ HTTP_PROXY: proxy.url, ...more });
const connect = (reference: string, more: Record<string, string> = {}) =>
  connectModel(reference, { environment: environment(more), attempts: 1, timeoutMs: 2000 });

test("a judge is asked by way of the proxy, with the proxy's password and the judge's key", async () => {
  const withPassword = proxy.url.replace("//", "//us%20er:p%40ss@");
  const judge = connect(JUDGE, { HTTP_PROXY: withPassword, OPENAI_API_KEY: "sk-0123456789" });
  expect((await judge.chat(ASK)).text).toBe("Hi.");
  const password = Buffer.from("us er:p@ss").toString("base64");
  expect(proxy.seen).toEqual([`POST http://judge.test/v1/chat/completions Basic ${password}`]);
  expect(server.received[0]!.authorization).toBe("Bearer sk-0123456789");
  expect(server.received[0]!.body).toMatchObject({ model: "scripted", temperature: 0 });
});

test("a server on this machine is asked directly", async () => {
  expect((await connect(`${server.baseUrl}#scripted`).chat(ASK)).text).toBe("Hi.");
  expect(proxy.seen).toEqual([]);
});

const post = (address: string, signal?: AbortSignal): Promise<Response> =>
  proxiedFetch(environment())(address, { method: "POST", body: "{}", ...(signal && { signal }) });

test("a redirect to this machine leaves the proxy", async () => {
  const response = await post("http://away.test/");
  expect([response.status, response.url]).toEqual([200, server.baseUrl]);
  expect(proxy.seen).toEqual(["POST http://away.test/ "]);
});

test("an abort and a deadline end a request on its way through the proxy", async () => {
  await server.close();
  server = await startScriptedServer(hangMidBody);
  proxy.close();
  proxy = await startProxy(new URL(server.baseUrl).port);
  const judge = connectModel(JUDGE, { environment: environment(), attempts: 1, timeoutMs: 100 });
  await expect(judge.chat(ASK)).rejects.toThrow("no complete reply within 100 ms");
  const aborter = new AbortController();
  const response = await post("http://judge.test/", aborter.signal);
  aborter.abort();
  await expect(response.text()).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
});

test("errors name the proxy, without its password", async () => {
  const withPassword = proxy.url.replace("//", "//user:secret@");
  proxy.status = 407;
  const refused = `Proxy Authentication Required (407); HTTP_PROXY is ${proxy.url}`;
  await expect(connect(JUDGE, { HTTP_PROXY: withPassword }).chat(ASK)).rejects.toThrow(refused);
  proxy.close();
  const gone = connect(JUDGE, { HTTP_PROXY: withPassword }).chat(ASK);
  await expect(gone).rejects.toThrow(
    new RegExp(`no server answers there: .*ECONNREFUSED.*; HTTP_PROXY is ${proxy.url}`),
  );
  await expect(gone).rejects.not.toThrow("secret");
});

test("without a proxy it is Node's own", () => {
  expect(proxiedFetch({ NO_PROXY: "a.test" })).toBe(fetch);
});
