/** Splits a command line into the raw texts of each flag, without looking at what the texts mean. */
import { UserError } from "../errors.ts";
import type { Flag } from "./flag.ts";
import { nearest } from "./nearest.ts";

/** The texts given to one flag. A boolean flag holds `true`, or `false` for its `--no-` form. */
export type RawValue = string | string[] | boolean;

/** Values by the key of their flag. `node:util` parseArgs is not used: it knows no flag with several values. */
export function splitArguments(argv: readonly string[], flags: readonly Flag[]): Map<string, RawValue> {
  const values = new Map<string, RawValue>();
  const positionals = flags.filter((flag) => flag.positional);
  const words = [...argv];
  let flagsEnded = false;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (flagsEnded || !looksLikeFlag(word)) addPositional(word, positionals, values);
    else if (word === "--") flagsEnded = true;
    else addFlag(word, words, { flags, values });
  }
  return values;
}

/** True for `-h`, `--json` and the end mark `--`, false for `-1`, `-.5` and a lone `-`. */
export function looksLikeFlag(word: string): boolean {
  return word === "--" || /^--?[a-z]/i.test(word);
}

interface Parsing {
  flags: readonly Flag[];
  values: Map<string, RawValue>;
}

/** Adds the flag at `word`, and takes its values off the front of `words`. */
function addFlag(word: string, words: string[], { flags, values }: Parsing): void {
  const [name = "", inline] = splitOnce(word, "=");
  const flag = flags.find((known) => known.name === name && !known.positional);
  if (flag?.type === "boolean") return addSwitch(flag, { on: true, inline, values });
  if (flag === undefined) {
    const negated = flags.find((known) => known.negatable && name === `--no-${known.name.slice(2)}`);
    if (negated === undefined) throw unknownFlag(name, flags);
    return addSwitch(negated, { on: false, inline, values });
  }
  const given = inline === undefined ? takeValues(flag, words) : [inline];
  const earlier = values.get(flag.key);
  if (!flag.list && earlier !== undefined) throw givenTwice(flag);
  values.set(flag.key, flag.list ? [...(Array.isArray(earlier) ? earlier : []), ...given] : given[0]!);
}
