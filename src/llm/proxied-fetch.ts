/** `fetch` by way of the proxy that the environment names. It is undici's own, with undici's agents: one version of both. */
import type { ProxyAgent } from "undici";
import type { Environment } from "./api-key.ts";
import { type Proxy, type ProxyRules, describeProxy, proxyRules } from "./proxy-rules.ts";

/** The part of `fetch` that is used here. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

export interface FetchOptions {
  /** Whether replies may take as long as they like: Node's own `fetch` gives up when 300 seconds bring nothing. */
  patient?: boolean | undefined;
}

/** Node's own `fetch` where no proxy is named. Throws a `UserError` for a proxy that cannot be used. */
export function proxiedFetch(environment: Environment, { patient = false }: FetchOptions = {}): Fetch {
  const proxyOf = proxyRules(environment) ?? (patient ? noProxy : undefined);
  if (proxyOf === undefined) return fetch;
  let opened: Promise<Fetch> | undefined;
  return async (url, init) => {
    opened ??= openFetch(proxyOf, patient ? { headersTimeout: 0, bodyTimeout: 0 } : {});
    const send = await opened;
    try {
      return await send(url, init);
    } catch (error) {
      throw explained(error, proxyOf(new URL(url)));
    }
  };
}

const noProxy: ProxyRules = () => undefined;

/** Asks for each address anew, since a redirect may lead from one that needs the proxy to one that must not have it. */
async function openFetch(
  proxyOf: ProxyRules,
  timeouts: { headersTimeout?: number; bodyTimeout?: number },
): Promise<Fetch> {
  const undici = await import("undici");
  const agents = new Map<string, ProxyAgent>();
  const agentOf = ({ url: { href: uri } }: Proxy): ProxyAgent => {
    // Proxies forward plain HTTP; many refuse to open a tunnel for it.
    const agent = agents.get(uri) ?? new undici.ProxyAgent({ uri, proxyTunnel: false, ...timeouts });
    agents.set(uri, agent);
    return agent;
  };
  const dispatcher = new undici.Agent(timeouts).compose((direct) => (options, handler) => {
    const proxy = proxyOf(new URL(String(options.origin)));
    return proxy === undefined ? direct(options, handler) : agentOf(proxy).dispatch(options, handler);
  });
  // Its types and Node's name the same things.
  const send = undici.fetch as unknown as (url: string, init: object) => Promise<Response>;
  return (url, init) => send(url, { ...init, dispatcher });
}

/** A connection that fails may be the proxy's fault, which is worth saying. */
function explained(error: unknown, proxy: Proxy | undefined): unknown {
  if (proxy === undefined || !(error instanceof TypeError)) return error;
  const { message, code } = (error.cause ?? error) as NodeJS.ErrnoException;
  return new TypeError(error.message, {
    cause: new Error(`${message || code}; ${describeProxy(proxy)}`),
  });
}
