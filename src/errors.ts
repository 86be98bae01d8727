/** The errors that Tuna raises on purpose. Every message says where, what was expected, what came, and what to do. */

export type Facts = Readonly<Record<string, unknown>>;

export interface TunaErrorOptions {
  /** A stable, kebab-case name for programs to test, such as `safetensors-truncated`. */
  code: string;
  facts?: Facts;
  cause?: unknown;
}

/** Something the user can mend: a wrong flag, file, setting or server. The CLI prints its message and exits with 2. */
export class UserError extends Error {
  readonly code: string;
  readonly facts: Facts;

  constructor(message: string, { code, facts = {}, cause }: TunaErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "UserError";
    this.code = code;
    this.facts = facts;
  }
}

/** A fault of Tuna itself. Its message starts with `internal:`. */
export class InternalError extends Error {
  readonly code: string;
  readonly facts: Facts;

  constructor(message: string, { code, facts = {}, cause }: TunaErrorOptions) {
    super(`internal: ${message}`, cause === undefined ? undefined : { cause });
    this.name = "InternalError";
    this.code = code;
    this.facts = facts;
  }
}
