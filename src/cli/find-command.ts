/** Finds the command that a command line names. */
import { distance } from "fastest-levenshtein";
import { UserError } from "../errors.ts";
import type { Command } from "./command.ts";
import { looksLikeFlag } from "./split-arguments.ts";

/** One loader for each command, so that starting one does not load the others. A name has one word or two. */
export type Registry = Readonly<Record<string, () => Promise<{ command: Command }>>>;

/** What was asked for: a command with the arguments left for it, or help or version of something larger. */
export type Request =
  | { kind: "command"; name: string; argv: readonly string[] }
  | { kind: "group-help"; group: string }
  | { kind: "overview" }
  | { kind: "version" };

/** Throws a `UserError` that names the nearest command. */
export function findCommand(argv: readonly string[], registry: Registry): Request {
  const firstFlag = argv.findIndex(looksLikeFlag);
  const words = firstFlag === -1 ? argv : argv.slice(0, firstFlag);
  const [first, second] = words;
  if (first === undefined) return findTopLevel(argv[0]);
  for (const name of [`${first} ${second}`, first]) {
    if (Object.hasOwn(registry, name)) {
      return { kind: "command", name, argv: argv.slice(name.split(" ").length) };
    }
  }
  const members = commandsOf(first, registry);
  if (members.length === 0) throw unknownCommand(words, [...Object.keys(registry), ...groupsOf(registry)]);
  if (asksForHelp(argv)) return { kind: "group-help", group: first };
  if (second !== undefined) throw unknownCommand(words, members);
  throw new UserError(`tuna ${first} needs a command: ${members.join(", ")}`, {
    code: "cli-missing-command",
  });
}

/** The first words of the commands with two. */
export function groupsOf(registry: Registry): string[] {
  const pairs = Object.keys(registry).filter((name) => name.includes(" "));
  return [...new Set(pairs.map((name) => name.split(" ")[0]!))];
}

/** The commands of a group; those of one word for the group "". */
export function commandsOf(group: string, registry: Registry): string[] {
  const names = Object.keys(registry);
  return names.filter((name) => (group === "" ? !name.includes(" ") : name.startsWith(`${group} `)));
}

/** True for `--help` or `-h` anywhere before `--`. */
export function asksForHelp(argv: readonly string[]): boolean {
  return hasFlag(argv, "--help") || hasFlag(argv, "-h");
}

export function hasFlag(argv: readonly string[], name: string): boolean {
  const end = argv.indexOf("--");
  return (end === -1 ? argv : argv.slice(0, end)).includes(name);
}

function findTopLevel(flag: string | undefined): Request {
  if (flag === "--version") return { kind: "version" };
  if (flag === undefined || flag === "--help" || flag === "-h") return { kind: "overview" };
  throw new UserError(
    `unknown flag ${flag}: before a command only --help and --version are known; flags of a command follow its name`,
    { code: "cli-unknown-flag" },
  );
}

function unknownCommand(words: readonly string[], candidates: readonly string[]): UserError {
  // Each candidate is compared with as many of the typed words as it has itself; the others may be arguments.
  const typedFor = (candidate: string): string => words.slice(0, candidate.split(" ").length).join(" ");
  const distances = candidates.map((candidate) => distance(typedFor(candidate), candidate));
  const suggestion = candidates[distances.indexOf(Math.min(...distances))]!;
  return new UserError(`unknown command ${typedFor(suggestion)}; did you mean tuna ${suggestion}?`, {
    code: "cli-unknown-command",
  });
}
