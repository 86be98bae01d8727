/** What a failed command prints, and the exit code that it ends with. */
import { UserError } from "../errors.ts";
import { packageFacts } from "./package-facts.ts";
import type { CliIo } from "./io.ts";

/** 2 for what the user can mend, after one message; 1 for anything else, after the stack and how to report it. */
export function reportError(error: unknown, io: CliIo): 1 | 2 {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof UserError || isSystemFault(error)) {
    io.say(`${io.style("red", "error:")} ${message}`);
    io.failure({ code: codeOf(error), message });
    return 2;
  }
  io.say(`${stackOf(error)}\n\n${howToReport()}`);
  io.failure({ code: codeOf(error), message });
  return 1;
}

/** No rights, no space: the machine's state, which a stack would not explain better. */
const SYSTEM_FAULTS = new Set(["EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT", "EMFILE"]);

function isSystemFault(error: unknown): boolean {
  return error instanceof Error && "syscall" in error && SYSTEM_FAULTS.has(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "unexpected";
}

/** Stacks only: other properties of an error may hold request headers, and with them a key. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${String(error)}`;
  const stack = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? stack : `${stack}\nCaused by: ${stackOf(error.cause)}`;
}

function howToReport(): string {
  const { version, bugs } = packageFacts();
  const where = bugs === undefined ? "" : ` at ${bugs.url}`;
  return (
    `This is a fault of Tuna ${version} on Node ${process.version}, ${process.platform}-${process.arch}. ` +
    `Please report it${where} with the lines above, the command you typed and what "tuna doctor" prints.`
  );
}
