/** Splits a command line into the texts given to each flag. What the texts mean is the schema's business. */
import { UserError } from "../errors.ts";
import type { Flag } from "./flag.ts";
import { nearest } from "./nearest.ts";

/** The texts given to a flag or positional; for a boolean flag whether it was given as itself or as `--no-`. */
export type Given = readonly string[] | boolean;

/** By the key of the flag. Not `parseArgs` of `node:util`: it has no flag with several values, as in `--answers A B`. */
export function splitArguments(argv: readonly string[], flags: readonly Flag[]): Map<string, Given> {
  const spellings = spellingsOf(flags);
  const positionals = flags.filter((flag) => flag.positional);
  const given = new Map<string, Given>();
  const words = [...argv];
  let word: string | undefined;
  while ((word = words.shift()) !== undefined) {
    if (word === "--") words.splice(0).forEach((rest) => addPositional(rest, positionals, given));
    else if (looksLikeFlag(word)) addFlag(word, { words, spellings, given });
    else addPositional(word, positionals, given);
  }
  return given;
}

/** True for `--json`, `-h` and the end mark `--`; false for `-1`, `-.5` and a lone `-`. */
export function looksLikeFlag(word: string): boolean {
  return word === "--" || /^--?[a-z]/i.test(word);
}

interface Spelling {
  flag: Flag;
  /** False for the `--no-` form of a boolean flag. */
  on: boolean;
}

function spellingsOf(flags: readonly Flag[]): Map<string, Spelling> {
  const spellings = new Map<string, Spelling>();
  for (const flag of flags.filter(({ positional }) => !positional)) {
    spellings.set(flag.name, { flag, on: true });
    if (flag.type === "boolean") spellings.set(flag.name.replace("--", "--no-"), { flag, on: false });
  }
  return spellings;
}

interface Splitting {
  /** What follows the flag; its values are taken off the front. */
  words: string[];
  spellings: ReadonlyMap<string, Spelling>;
  given: Map<string, Given>;
}

function addFlag(word: string, { words, spellings, given }: Splitting): void {
  const [, name = word, inline] = /^([^=]*)=(.*)$/s.exec(word) ?? [];
  const spelling = spellings.get(name);
  if (spelling === undefined) throw unknownFlag(name, [...spellings.keys()]);
  const { flag, on } = spelling;
  const earlier = given.get(flag.key);
  if (earlier !== undefined && !flag.list) {
    throw new UserError(`${flag.name} is given twice; give it once`, { code: "cli-repeated-flag" });
  }
  if (flag.type === "boolean") {
    if (inline !== undefined) throw switchWithValue(flag);
    given.set(flag.key, on);
    return;
  }
  const texts = inline === undefined ? takeValues(flag, words) : [inline];
  given.set(flag.key, Array.isArray(earlier) ? [...earlier, ...texts] : texts);
}

function takeValues(flag: Flag, words: string[]): string[] {
  const end = words.findIndex(looksLikeFlag);
  const available = end === -1 ? words.length : end;
  if (available > 0) return words.splice(0, flag.list ? available : 1);
  const hint = words.length > 0 ? ` (one that begins with "-" is written ${flag.name}=VALUE)` : "";
  throw new UserError(`${flag.name} needs a value: ${flag.name} ${flag.placeholder}${hint}`, {
    code: "cli-missing-value",
  });
}

function addPositional(word: string, positionals: readonly Flag[], given: Map<string, Given>): void {
  const open = positionals.find(({ key, list }) => list || !given.has(key));
  if (open === undefined) {
    throw new UserError(`unexpected argument ${JSON.stringify(word)}; --help shows what the command takes`, {
      code: "cli-unexpected-argument",
    });
  }
  const earlier = given.get(open.key);
  given.set(open.key, [...(Array.isArray(earlier) ? earlier : []), word]);
}

function unknownFlag(name: string, known: readonly string[]): UserError {
  return new UserError(`unknown flag ${name}; did you mean ${nearest(name, known)}? --help lists all flags`, {
    code: "cli-unknown-flag",
    facts: { flag: name },
  });
}

function switchWithValue({ name }: Flag): UserError {
  return new UserError(`${name} takes no value: write ${name} or ${name.replace("--", "--no-")}`, {
    code: "cli-unexpected-value",
  });
}
