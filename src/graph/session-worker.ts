/** The thread behind `WorkerSession`: opens the session that it was started with, and answers one run after another. */
import { on } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import { type RunRequest, openOnnxSession } from "./onnx-session.ts";
import { type RunReply, type WorkerStart, buffersOf } from "./worker-session.ts";

const port = parentPort!;
const { model, options, busy } = workerData as WorkerStart;
const session = await openOnnxSession(model, options).finally(idle);
port.postMessage("open");
for await (const [request] of on(port, "message") as AsyncIterable<["close" | RunRequest]>) {
  if (request === "close") break;
  const outcome = await session.run(request).then(
    (results) => ({ results }),
    (error: unknown) => ({ error }),
  );
  idle();
  port.postMessage({ request, ...outcome } satisfies RunReply, buffersOf(request));
}
await session.close().finally(idle);

function idle(): void {
  Atomics.store(busy, 0, 0);
  Atomics.notify(busy, 0);
}
