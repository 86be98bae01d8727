/** Ctrl-C: the first asks the command to save and stop, the second ends the process at once. SIGTERM likewise. */

/** The part of `process` that this file uses. */
export interface SignalSource {
  on(event: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  off(event: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  exit(code: number): void;
}

export interface Interruption {
  /** Aborted at the first signal. */
  readonly signal: AbortSignal;
  /** 128 + the number of the signal, as shells have it; undefined while none has come. */
  readonly exitCode: number | undefined;
  /** Stops listening. */
  end(): void;
}

const EXIT_CODES: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 130, SIGTERM: 143 };

/** `say` tells the user, at the first signal, what happens now. */
export function listenForInterruption(source: SignalSource, say: (text: string) => void): Interruption {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const listener = (signal: NodeJS.Signals): void => {
    if (exitCode !== undefined) return source.exit(exitCode);
    exitCode = EXIT_CODES[signal] ?? 1;
    say("Stopping: saving what there is. Press Ctrl-C again to stop at once.");
    controller.abort();
  };
  const signals: NodeJS.Signals[] = ["SIGINT", "SIGTERM"];
  for (const name of signals) source.on(name, listener);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    end() {
      for (const name of signals) source.off(name, listener);
    },
  };
}
