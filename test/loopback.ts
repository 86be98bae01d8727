/** A server of a test's own, on a free port of this machine. */
import { type RequestListener, createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface LoopbackServer {
  /** Ends in /v1. */
  baseUrl: string;
  /** Breaks off what is under way. */
  close(): Promise<void>;
}

export async function listenOnLoopback(answer: RequestListener): Promise<LoopbackServer> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
