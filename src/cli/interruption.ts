/** Ctrl-C: the first asks the command to save and stop, the second ends the process at once. SIGTERM likewise. */
import { setMaxListeners } from "node:events";

/** The part of `process` that this file uses. */
export interface SignalSource {
  on(event: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  off(event: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  readonly pid: number;
  kill(pid: number, signal: NodeJS.Signals): unknown;
}

export interface Interruption {
  /** Aborted at the first signal. */
  readonly signal: AbortSignal;
  /** 128 + the number of the signal, as shells have it; undefined while none has come. */
  readonly exitCode: number | undefined;
  /** Stops listening. */
  readonly end: () => void;
}

const EXIT_CODES: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 130, SIGTERM: 143 };

/** `say` tells the user, at the first signal, what happens now. */
export function listenForInterruption(source: SignalSource, say: (text: string) => void): Interruption {
  const controller = new AbortController();
  // Every request under way listens.
  setMaxListeners(0, controller.signal);
  let exitCode: number | undefined;
  const listener = (signal: NodeJS.Signals): void => {
    if (exitCode !== undefined) return die(signal);
    exitCode = EXIT_CODES[signal] ?? 1;
    say("Stopping: saving what there is. Press Ctrl-C again to stop at once.");
    controller.abort();
  };
  const signals: NodeJS.Signals[] = ["SIGINT", "SIGTERM"];
  const end = (): void => {
    for (const name of signals) source.off(name, listener);
  };
  // Not by `process.exit`, which waits for a run in a worker thread: the signal's own effect ends the process at once.
  const die = (signal: NodeJS.Signals): void => {
    end();
    source.kill(source.pid, signal);
  };
  for (const name of signals) source.on(name, listener);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    end,
  };
}
