/** GET requests to the hub: the token for the hub alone, connections that stall are cut, refusals become errors. */
import {
  type Patience,
  Setback,
  isConnectionLost,
  pauseAskedFor,
  persistently,
  reasonOf,
} from "./persistence.ts";
import { type Asked, HubUnreachable, refusal } from "./refusal.ts";

/** The part of `fetch` that is used here. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Connection {
  readonly fetch: Fetch;
  readonly asked: Asked;
  readonly token: string | undefined;
  readonly patience: Patience;
  readonly signal: AbortSignal;
}

/**
 * A successful answer in pieces. Throws a `Setback` for what another try may mend, be it before or while `read` runs, a
 * `UserError` for a refusal, and the signal's reason after an abort.
 */
export async function request<T>(
  connection: Connection,
  { url, headers }: { url: string; headers: Headers },
  read: (response: Response, pieces: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  const { asked, token, patience, signal, fetch: send } = connection;
  const cut = new AbortController();
  const timer = setTimeout(() => cut.abort(new Setback("no answer")), patience.stallMs);
  headers.set("user-agent", "tuna");
  // Where a redirect leads to another server, `fetch` takes the header away.
  const isHub = new URL(url).origin === new URL(asked.endpoint).origin;
  if (token !== undefined && isHub) headers.set("authorization", `Bearer ${token}`);
  try {
    const response = await send(url, { headers, signal: AbortSignal.any([signal, cut.signal]) });
    if (!response.ok) throw failureOf(response, asked);
    return await read(
      response,
      piecesOf(response, () => timer.refresh()),
    );
  } catch (error) {
    signal.throwIfAborted();
    throw isConnectionLost(error) ? new Setback(reasonOf(error), { cause: error }) : error;
  } finally {
    clearTimeout(timer);
    cut.abort();
  }
}

/** A `fetch` for small answers of the hub's API, which it reads whole. Throws only `UserError`s, and after an abort. */
export function persistentFetch(connection: Connection): typeof fetch {
  const { patience, signal } = connection;
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    try {
      return await persistently(patience, signal, () =>
        request(
          connection,
          { url, headers: new Headers(init?.headers) },
          async ({ status, headers }, pieces) => {
            const body: Uint8Array[] = [];
            for await (const piece of pieces) body.push(piece);
            return new Response(Buffer.concat(body), { status, headers });
          },
        ),
      );
    } catch (error) {
      throw unreachable(error, connection.asked);
    }
  };
}

/** In place of the last `Setback`, what the user is told. */
export function unreachable(error: unknown, asked: Asked): unknown {
  return error instanceof Setback ? new HubUnreachable(asked, error.message, error.cause) : error;
}

async function* piecesOf({ body }: Response, onPiece: () => void): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  for await (const piece of body as AsyncIterable<Uint8Array>) {
    onPiece();
    yield piece;
  }
}

function failureOf(response: Response, asked: Asked): Error {
  if (!isTemporary(response, asked)) return refusal(response, asked);
  return new Setback(`it answered ${response.status}`, { pauseMs: pauseAskedFor(response.headers) });
}

/** Servers that are busy, restarting, or behind a proxy that gave up; and links to file servers, which expire. */
function isTemporary({ status, url }: Response, { endpoint }: Asked): boolean {
  const isElsewhere = new URL(url).origin !== new URL(endpoint).origin;
  return status >= 500 || status === 408 || status === 429 || isElsewhere;
}
