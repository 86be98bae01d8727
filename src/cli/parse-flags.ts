/** Turns a command line into the options of a command, or into one clear message about what is wrong with it. */
import { z } from "zod";
import { UserError } from "../errors.ts";
import type { Command } from "./command.ts";
import { expectation, flagsOf, type Flag } from "./flag.ts";
import { type Given, splitArguments } from "./split-arguments.ts";

/** The flags of every command. Whoever runs a command looks for them before its own flags are parsed. */
export const COMMON_FLAGS: readonly Flag[] = flagsOf(
  z.strictObject({
    json: z.boolean().default(false).describe("Print the result as one line of JSON on stdout."),
    help: z.boolean().default(false).describe("Show this help."),
  }),
);

/** The options as the command's schema gives them. Throws a `UserError` with the first thing that is wrong. */
export function parseFlags<Schema extends z.ZodObject>(
  argv: readonly string[],
  command: Command<Schema>,
): z.output<Schema> {
  const flags = flagsOf(command.options, command.positionals);
  const given = splitArguments(argv, [...flags, ...COMMON_FLAGS]);
  for (const { key } of COMMON_FLAGS) given.delete(key);
  requireAll(flags, given);
  const values: Record<string, unknown> = {};
  for (const flag of flags) {
    const texts = given.get(flag.key);
    if (texts !== undefined) values[flag.key] = readValue(flag, texts);
  }
  const result = command.options.safeParse(values);
  if (result.success) return result.data;
  throw wrongValue(result.error.issues[0]!, flags, given);
}

function requireAll(flags: readonly Flag[], given: ReadonlyMap<string, Given>): void {
  const missing = flags.filter(({ key, required }) => required && !given.has(key));
  if (missing.length === 0) return;
  const names = missing.map((flag) => (flag.positional ? flag.name : `${flag.name} ${flag.placeholder}`));
  throw new UserError(`missing ${names.join(" and ")}; --help shows what the command takes`, {
    code: "cli-missing-flag",
  });
}

function readValue(flag: Flag, given: Given): unknown {
  if (typeof given === "boolean") return given;
  const values = given.map((text) => (flag.type === "string" ? text : readNumber(flag, text)));
  return flag.list ? values : values[0];
}

/** Decimal only: `Number` would also take "", " 1 ", "0x10" and "Infinity". */
function readNumber(flag: Flag, text: string): number {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw unexpectedText(flag, text);
  return value;
}

/** Says in the words of the command line what zod found wrong. */
function wrongValue(
  issue: z.core.$ZodIssue,
  flags: readonly Flag[],
  given: ReadonlyMap<string, Given>,
): UserError {
  const [key, index = 0] = issue.path;
  const flag = flags.find((known) => known.key === key);
  const texts = given.get(String(key));
  // A rule between flags: the command wrote its message.
  if (flag === undefined || !Array.isArray(texts)) return new UserError(issue.message, { code: WRONG_VALUE });
  if ("origin" in issue && issue.origin === "array") {
    return new UserError(`${flag.name}: expected ${countOf(issue)}, got ${texts.length}`, {
      code: WRONG_VALUE,
    });
  }
  const text = String(texts[Number(index)]);
  const ruled = issue.code !== "custom" && (flag.type !== "string" || flag.choices.length > 0);
  if (ruled) return unexpectedText(flag, text);
  return new UserError(`${flag.name}: ${issue.message}, got ${JSON.stringify(text)}`, { code: WRONG_VALUE });
}

const WRONG_VALUE = "cli-wrong-value";

function unexpectedText(flag: Flag, text: string): UserError {
  return new UserError(`${flag.name}: expected ${expectation(flag)}, got ${JSON.stringify(text)}`, {
    code: WRONG_VALUE,
  });
}

/** How many values an array asks for. */
function countOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "too_small") return `${issue.exact ? "" : "at least "}${issue.minimum} values`;
  if (issue.code === "too_big") return `${issue.exact ? "" : "at most "}${issue.maximum} values`;
  return issue.message;
}
