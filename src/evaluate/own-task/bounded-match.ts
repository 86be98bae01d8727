/**
 * A pattern of a stranger over a text of a stranger, for a limited time: `(a+)+$` takes longer than anybody waits for thirty
 * letters. Node's own `vm` stops it, so that patterns have the whole syntax of JavaScript and need no engine of another
 * package; what takes too long is told, and not scored.
 */
import { Script, createContext } from "node:vm";

export interface Match {
  /** The whole at 0, then the groups; undefined where a group has no part. */
  readonly groups: readonly (string | undefined)[];
  readonly named: Readonly<Record<string, string | undefined>>;
}

/** `match` is undefined where the text has none. */
export type Search = { readonly match: Match | undefined } | "too slow";

export interface SearchOptions {
  readonly take: "first" | "last";
  /** Default 1000. */
  readonly milliseconds?: number;
}

/** `pattern` is global. */
export function findMatch(
  pattern: RegExp,
  text: string,
  { take, milliseconds = 1000 }: SearchOptions,
): Search {
  return within(milliseconds, () => {
    let found: RegExpExecArray | undefined;
    for (const match of text.matchAll(pattern)) {
      found = match;
      if (take === "first") break;
    }
    return { match: found && { groups: [...found], named: { ...found.groups } } };
  });
}

const script = new Script("work()");
let context: { work: () => unknown } | undefined;

/** The time limit holds for whatever the script calls, also outside its context. */
function within<T>(milliseconds: number, work: () => T): T | "too slow" {
  context ??= createContext({ work }) as { work: () => unknown };
  context.work = work;
  try {
    return script.runInContext(context, { timeout: milliseconds }) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return "too slow";
    throw error;
  }
}
