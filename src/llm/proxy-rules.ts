/** By which proxy a request goes, as HTTP_PROXY, HTTPS_PROXY and NO_PROXY say. Node's own `fetch` does not read them. */
import { BlockList, isIP } from "node:net";
import { UserError } from "../errors.ts";
import type { Environment } from "./api-key.ts";

export interface Proxy {
  /** The environment's variable that names it. */
  readonly variable: string;
  /** With a password, where it has one. */
  readonly url: URL;
}

export type ProxyRules = (url: URL) => Proxy | undefined;

/** By the protocol of what is asked for; the first that is set counts, also where it is empty. */
const VARIABLES = {
  "http:": ["http_proxy", "HTTP_PROXY"],
  "https:": ["https_proxy", "HTTPS_PROXY"],
} as const;

/** Undefined where the environment names no proxy. Throws a `UserError` for one that cannot be used. */
export function proxyRules(environment: Environment): ProxyRules | undefined {
  const proxies = new Map<string, Proxy>();
  for (const [protocol, variables] of Object.entries(VARIABLES)) {
    const variable = variables.find((name) => environment[name] !== undefined);
    const address = variable === undefined ? undefined : environment[variable]?.trim();
    if (address) proxies.set(protocol, { variable: variable!, url: parseProxy(variable!, address) });
  }
  if (proxies.size === 0) return undefined;
  const exceptions = (environment["no_proxy"] ?? environment["NO_PROXY"] ?? "").split(/[\s,]+/);
  const exempts = exceptions.filter((entry) => entry !== "").map(exemption);
  return (url) => {
    const host = url.hostname.replace(/^\[|\]$|\.$/g, "");
    const port = url.port || (url.protocol === "https:" ? "443" : "80");
    if (isThisMachine(host) || exempts.some((exempt) => exempt(host, port))) return undefined;
    return proxies.get(url.protocol);
  };
}

/** For messages: without its password. */
export function describeProxy({ variable, url }: Proxy): string {
  return `${variable} is ${url.protocol}//${url.host}`;
}

function parseProxy(variable: string, address: string): URL {
  const whole = address.includes("://") ? address : `http://${address}`;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  // What came is not shown: it may hold a password.
  throw new UserError(
    `${variable}: expected the address of an HTTP proxy, such as http://proxy.example:3128, and it is another. Set it again, or unset it.`,
    { code: "proxy-invalid", facts: { variable } },
  );
}

type Exemption = (host: string, port: string) => boolean;

/** An entry of NO_PROXY: `*`, a network such as 10.0.0.0/8, or a host with all below it, and its port where it has one. */
function exemption(entry: string): Exemption {
  if (entry === "*") return () => true;
  const [, network, bits] = /^(.+)\/(\d+)$/.exec(entry) ?? [];
  if (network !== undefined) return inNetwork(network, Number(bits));
  const [, named = entry, ownPort] = (isIP(entry) === 0 && /^(.+):(\d+)$/.exec(entry)) || [];
  const name = named.replace(/^\*?\.|^\[|\]$/g, "").toLowerCase();
  return (host, port) =>
    (ownPort === undefined || ownPort === port) && (host === name || host.endsWith(`.${name}`));
}

function inNetwork(network: string, bits: number): Exemption {
  const list = new BlockList();
  const family = isIP(network);
  if (family === 0 || bits > (family === 4 ? 32 : 128)) return () => false;
  list.addSubnet(network, bits, `ipv${family}` as "ipv4");
  return (host) => isIP(host) === family && list.check(host, `ipv${family}` as "ipv4");
}

const isLoopback = inNetwork("127.0.0.0", 8);

/** Local model servers and the pocket judge: no proxy leads to them. */
function isThisMachine(host: string): boolean {
  if (/(^|\.)localhost$/.test(host) || host === "::1" || host === "0.0.0.0") return true;
  return isLoopback(host, "");
}
