/** One breaker for all requests to a server: when attempt after attempt fails, nothing more is sent. */
import { UserError } from "../errors.ts";

export interface Breaker {
  /** Throws a `UserError` once the server counts as down. */
  check(): void;
  succeeded(): void;
  /** `failure` is what the user would be told of it. */
  failed(failure: UserError): void;
}

export interface BreakerOptions {
  /** Of all requests together. One request alone gives up earlier. Default 10. */
  failuresInARow?: number | undefined;
  /** They must have gone on for so long: a server that starts anew is waited for. Default 5 seconds. */
  downAfterMs?: number | undefined;
}

export function createBreaker({ failuresInARow = 10, downAfterMs = 5000 }: BreakerOptions = {}): Breaker {
  let failures = 0;
  let since = 0;
  let down: UserError | undefined;
  return {
    check() {
      if (down !== undefined) throw down;
    },
    succeeded() {
      failures = 0;
    },
    failed(failure) {
      const now = performance.now();
      if (failures++ === 0) since = now;
      if (failures >= failuresInARow && now - since >= downAfterMs) down ??= ofAll(failure, failures);
    },
  };
}

/** The last failure, as one of many. */
function ofAll({ message, code, facts }: UserError, failures: number): UserError {
  const counted = message.replace(
    / \(attempt \d+\)/,
    ` (${failures} attempts in a row, of all requests together)`,
  );
  return new UserError(counted, { code, facts: { ...facts, failures } });
}
