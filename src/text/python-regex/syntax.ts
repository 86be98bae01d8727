/**
 * The syntax of Python's `re`, as far as it describes a regular language: no look-around, no references to groups, no
 * flags. A lazy quantifier is read as a greedy one: both match the same texts. As from Python 3.14 on, `\B` holds in an
 * empty text.
 */
import { UserError } from "../../errors.ts";
import { type CharacterTest, isDigit, isSpace, isWordCharacter } from "./character-classes.ts";

export type Assertion = "start" | "end" | "boundary" | "no-boundary";

export type RegexNode =
  | { readonly kind: "literal"; readonly codePoint: number }
  | { readonly kind: "set"; readonly test: CharacterTest }
  | { readonly kind: "assertion"; readonly at: Assertion }
  | { readonly kind: "sequence"; readonly parts: readonly RegexNode[] }
  | { readonly kind: "choice"; readonly options: readonly RegexNode[] }
  | { readonly kind: "repeat"; readonly part: RegexNode; readonly min: number; readonly max: number };

/** Throws a `UserError` for what is not regular, and for what Python refuses, except that `^*` and the like are accepted. */
export function parseRegex(source: string): RegexNode {
  const reader = new Reader(source);
  const node = choice(reader);
  if (!reader.isAtEnd) throw reader.fault("a closing bracket that none opens");
  return node;
}

/** The place in the source. */
class Reader {
  readonly source: string;
  readonly #characters: readonly string[];
  #at = 0;

  constructor(source: string) {
    this.source = source;
    this.#characters = Array.from(source);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#characters.length;
  }

  /** Empty at the end. */
  get next(): string {
    return this.#characters[this.#at] ?? "";
  }

  take(): string {
    if (this.isAtEnd) throw this.fault("an end in the middle");
    return this.#characters[this.#at++]!;
  }

  /** Steps over the character if it comes next. */
  skip(character: string): boolean {
    const found = this.next === character;
    if (found) this.#at++;
    return found;
  }

  /** The first capture groups of a pattern that matches here, and steps over it. */
  skipMatch(pattern: RegExp): RegExpExecArray | null {
    const match = pattern.exec(this.#characters.slice(this.#at, this.#at + LONGEST_MATCH).join(""));
    if (match !== null) this.#at += match[0].length;
    return match;
  }

  fault(what: string): UserError {
    return new UserError(
      `The regular expression ${JSON.stringify(this.source)} has ${what}, at character ${this.#at + 1}.`,
      { code: "regex-invalid", facts: { source: this.source, at: this.#at } },
    );
  }
}

/** Characters of bounds such as `{1000,1000}`, and of a name, at most. */
const LONGEST_MATCH = 64;

function choice(reader: Reader): RegexNode {
  const options = [sequence(reader)];
  while (reader.skip("|")) options.push(sequence(reader));
  return options.length === 1 ? options[0]! : { kind: "choice", options };
}

function sequence(reader: Reader): RegexNode {
  const parts: RegexNode[] = [];
  while (!reader.isAtEnd && reader.next !== "|" && reader.next !== ")") {
    parts.push(quantified(reader, atom(reader)));
  }
  return parts.length === 1 ? parts[0]! : { kind: "sequence", parts };
}

function atom(reader: Reader): RegexNode {
  const character = reader.take();
  switch (character) {
    case "(":
      return group(reader);
    case "[":
      return { kind: "set", test: characterSet(reader) };
    case "\\":
      return escape(reader);
    case ".":
      return { kind: "set", test: (codePoint) => codePoint !== NEWLINE };
    case "^":
      return { kind: "assertion", at: "start" };
    case "$":
      return { kind: "assertion", at: "end" };
    case "*":
    case "+":
    case "?":
      throw reader.fault("nothing to repeat");
    default:
      return { kind: "literal", codePoint: character.codePointAt(0)! };
  }
}

export const NEWLINE = 0x0a;

function group(reader: Reader): RegexNode {
  if (reader.skip("?")) {
    const isPlain = reader.skip(":") || reader.skipMatch(/^P<\w+>/) !== null;
    if (!isPlain) throw reader.fault("a look-around, a flag or a reference, which are not supported");
  }
  const node = choice(reader);
  if (!reader.skip(")")) throw reader.fault("a bracket that is not closed");
  return node;
}

const BOUNDS: Readonly<Record<string, readonly [number, number]>> = {
  "*": [0, Infinity],
  "+": [1, Infinity],
  "?": [0, 1],
};
/** Each repetition becomes states of its own. */
const MOST_REPETITIONS = 1000;

function quantified(reader: Reader, part: RegexNode): RegexNode {
  const bounds = boundsOf(reader);
  if (bounds === undefined) return part;
  const [min, max] = bounds;
  if (min > max) throw reader.fault("bounds in the wrong order");
  if (Math.max(min, Number.isFinite(max) ? max : 0) > MOST_REPETITIONS)
    throw reader.fault(`more than ${MOST_REPETITIONS} repetitions`);
  reader.skip("?");
  if (boundsOf(reader) !== undefined) throw reader.fault("two quantifiers in a row");
  return { kind: "repeat", part, min, max };
}

/** Braces that hold no bounds are characters like others. */
function boundsOf(reader: Reader): readonly [number, number] | undefined {
  const simple = BOUNDS[reader.next];
  if (simple !== undefined) {
    reader.take();
    return simple;
  }
  if (reader.next !== "{") return undefined;
  const exact = reader.skipMatch(/^\{(\d+)\}/);
  if (exact !== null) return [Number(exact[1]), Number(exact[1])];
  const range = reader.skipMatch(/^\{(\d*),(\d*)\}/);
  return range === null ? undefined : [Number(range[1]), range[2] === "" ? Infinity : Number(range[2])];
}

const CLASSES: Readonly<Record<string, CharacterTest>> = {
  w: isWordCharacter,
  d: isDigit,
  s: isSpace,
  W: (codePoint) => !isWordCharacter(codePoint),
  D: (codePoint) => !isDigit(codePoint),
  S: (codePoint) => !isSpace(codePoint),
};

const CONTROL: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", f: "\f", v: "\v" };

function escape(reader: Reader): RegexNode {
  const character = reader.take();
  if (character === "b") return { kind: "assertion", at: "boundary" };
  if (character === "B") return { kind: "assertion", at: "no-boundary" };
  const test = CLASSES[character];
  if (test !== undefined) return { kind: "set", test };
  return { kind: "literal", codePoint: escapedCodePoint(reader, character) };
}

function escapedCodePoint(reader: Reader, character: string): number {
  const control = CONTROL[character];
  if (control === undefined && /[A-Za-z0-9]/.test(character))
    throw reader.fault(`the escape \\${character}, which is not supported`);
  return (control ?? character).codePointAt(0)!;
}

/** Behind `[`. */
function characterSet(reader: Reader): CharacterTest {
  const isNegated = reader.skip("^");
  const tests: CharacterTest[] = [];
  // A bracket at the first place is a character like others.
  do tests.push(setItem(reader));
  while (reader.next !== "]");
  reader.take();
  const isIn: CharacterTest = (codePoint) => tests.some((test) => test(codePoint));
  return isNegated ? (codePoint) => !isIn(codePoint) : isIn;
}

function setItem(reader: Reader): CharacterTest {
  const first = setCharacter(reader);
  if (typeof first === "function") return first;
  if (!reader.skip("-")) return (codePoint) => codePoint === first;
  if (reader.next === "]") return (codePoint) => codePoint === first || codePoint === HYPHEN;
  const last = setCharacter(reader);
  if (typeof last === "function" || last < first) throw reader.fault("a range that has no order");
  return (codePoint) => codePoint >= first && codePoint <= last;
}

const HYPHEN = 0x2d;

function setCharacter(reader: Reader): CharacterTest | number {
  const character = reader.take();
  if (character !== "\\") return character.codePointAt(0)!;
  const escaped = reader.take();
  return CLASSES[escaped] ?? (escaped === "b" ? BACKSPACE : escapedCodePoint(reader, escaped));
}

const BACKSPACE = 0x08;
