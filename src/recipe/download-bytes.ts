/** One small file over HTTP, whole and checked: connections that break or stall, and servers that are busy, are tried again. */
import { UserError } from "../errors.ts";
import {
  type Patience,
  Setback,
  isConnectionLost,
  pauseAskedFor,
  persistently,
  reasonOf,
} from "../hub/index.ts";

/** The part of `fetch` that is used here. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

export interface BytesOptions {
  readonly fetch: Fetch;
  readonly signal: AbortSignal;
  readonly patience: Patience;
  /** Whether these are the bytes of the file. */
  readonly isRight: (bytes: Buffer) => boolean;
}

/** Throws a `UserError` for a refusal, and for what many tries did not mend. */
export async function downloadBytes(url: string, options: BytesOptions): Promise<Buffer> {
  const { patience, signal } = options;
  try {
    return await persistently(patience, signal, () => attempt(url, options));
  } catch (error) {
    if (!(error instanceof Setback)) throw error;
    throw new UserError(
      `${url} cannot be downloaded: ${error.message}. Check the connection and its proxy, and run the same command again: what is downloaded is kept. TUNA_BENCHMARK_ENDPOINT names a mirror.`,
      { code: "benchmark-unreachable", facts: { url }, cause: error },
    );
  }
}

async function attempt(
  url: string,
  { fetch: send, signal, patience, isRight }: BytesOptions,
): Promise<Buffer> {
  const cut = new AbortController();
  const timer = setTimeout(() => cut.abort(new Setback("no answer")), patience.stallMs);
  try {
    const response = await send(url, { signal: AbortSignal.any([signal, cut.signal]) });
    if (!response.ok) throw failureOf(response, url);
    const pieces: Uint8Array[] = [];
    for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      timer.refresh();
      pieces.push(piece);
    }
    const bytes = Buffer.concat(pieces);
    if (isRight(bytes)) return bytes;
    throw new Setback("other bytes came than the file has; a mirror or a proxy on the way changes it");
  } catch (error) {
    signal.throwIfAborted();
    throw isConnectionLost(error) ? new Setback(reasonOf(error), { cause: error }) : error;
  } finally {
    clearTimeout(timer);
    cut.abort();
  }
}

function failureOf({ status, headers }: Response, url: string): Error {
  const isTemporary = status >= 500 || status === 408 || status === 429;
  if (!isTemporary) {
    return new UserError(
      `${url}: the server answered ${status}. Check TUNA_BENCHMARK_ENDPOINT, and whether a proxy must be used.`,
      { code: "benchmark-refused", facts: { url, status } },
    );
  }
  return new Setback(`the server answered ${status}`, { pauseMs: pauseAskedFor(headers) });
}
