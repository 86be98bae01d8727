/**
 * Runs a program over a text, all its ways at once: each character is looked at once, whatever the text, where
 * backtracking may take time that grows exponentially. The sets of ways that occur become states of a deterministic
 * automaton, made as texts need them and kept, so that a step is mostly one look-up.
 */
import { isWordCharacter } from "./character-classes.ts";
import type { Program } from "./program.ts";
import { type Assertion, NEWLINE } from "./syntax.ts";

/** What stands before or after a place, as far as assertions ask. */
const EDGE = 0;
const OTHER = 1;
const WORD = 2;
/** A newline that ends the text: `$` holds before it, too. */
const FINAL_NEWLINE = 3;

/** After a character, before it is known what follows. */
interface State {
  /** Instructions to go on at. */
  readonly kernel: readonly number[];
  readonly before: number;
  /** By what follows: where the ways are once assertions and forks are passed. */
  readonly closures: (Closure | undefined)[];
  /** By the next character, for ASCII. */
  readonly ascii: (Step | undefined)[];
  readonly others: Map<number, Step>;
}

interface Closure {
  /** Instructions that consume a character. */
  readonly consuming: readonly number[];
  readonly isFound: boolean;
}

type Step = State | "found" | "lost";

/** More are forgotten: hostile texts may need a state for each of their characters. */
const MOST_STATES = 1000;
const ASCII_SIZE = 128;

export class Automaton {
  readonly #program: Program;
  readonly #isAnchored: boolean;
  readonly #states = new Map<string, State>();
  readonly #visited: Int32Array;
  #visit = 0;
  #start: State | undefined;

  /** Anchored, a match must begin where the text does. */
  constructor(program: Program, { isAnchored }: { isAnchored: boolean }) {
    this.#program = program;
    this.#isAnchored = isAnchored;
    this.#visited = new Int32Array(program.length);
  }

  /** Whether the text holds a match, which may end anywhere. */
  test(text: string): boolean {
    this.#start ??= this.#stateOf([0], EDGE);
    let state = this.#start;
    const last = text.length - 1;
    for (let index = 0; index <= last; index++) {
      const codePoint = text.codePointAt(index)!;
      if (codePoint > 0xffff) index++;
      const next =
        codePoint === NEWLINE && index === last
          ? this.#next(state, codePoint, FINAL_NEWLINE)
          : ((codePoint < ASCII_SIZE ? state.ascii[codePoint] : state.others.get(codePoint)) ??
            this.#step(state, codePoint));
      if (next === "found") return true;
      if (next === "lost") return false;
      state = next;
    }
    return this.#closure(state, EDGE).isFound;
  }

  #step(state: State, codePoint: number): Step {
    const next = this.#next(state, codePoint, isWordCharacter(codePoint) ? WORD : OTHER);
    if (codePoint < ASCII_SIZE) state.ascii[codePoint] = next;
    else state.others.set(codePoint, next);
    return next;
  }

  #next(state: State, codePoint: number, kind: number): Step {
    const { consuming, isFound } = this.#closure(state, kind);
    if (isFound) return "found";
    const kernel: number[] = [];
    for (const at of consuming) {
      const instruction = this.#program[at]!;
      const consumes =
        instruction.kind === "literal"
          ? instruction.codePoint === codePoint
          : instruction.kind === "set" && instruction.test(codePoint);
      if (consumes) kernel.push(at + 1);
    }
    if (!this.#isAnchored) kernel.push(0);
    return kernel.length === 0 ? "lost" : this.#stateOf(kernel, kind);
  }

  #stateOf(kernel: number[], before: number): State {
    kernel.sort((a, b) => a - b);
    const key = `${before} ${kernel.join(" ")}`;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    if (this.#states.size >= MOST_STATES) {
      this.#states.clear();
      // What leads to forgotten states is forgotten with them.
      this.#start = undefined;
    }
    const state: State = { kernel, before, closures: [], ascii: [], others: new Map() };
    this.#states.set(key, state);
    return state;
  }

  #closure(state: State, after: number): Closure {
    return (state.closures[after] ??= this.#follow(state, after));
  }

  /** All ways from the kernel up to where a character is consumed. */
  #follow({ kernel, before }: State, after: number): Closure {
    const visit = ++this.#visit;
    const stack = [...kernel];
    const consuming: number[] = [];
    let isFound = false;
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (this.#visited[at] === visit) continue;
      this.#visited[at] = visit;
      const instruction = this.#program[at]!;
      if (instruction.kind === "found") isFound = true;
      else if (instruction.kind === "fork") stack.push(...instruction.targets);
      else if (instruction.kind !== "assertion") consuming.push(at);
      else if (holds(instruction.at, before, after)) stack.push(at + 1);
    }
    return { consuming, isFound };
  }
}

function holds(at: Assertion, before: number, after: number): boolean {
  if (at === "start") return before === EDGE;
  if (at === "end") return after === EDGE || after === FINAL_NEWLINE;
  return ((before === WORD) !== (after === WORD)) === (at === "boundary");
}
