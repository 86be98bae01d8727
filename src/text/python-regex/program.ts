/** A regular expression as a program of a non-deterministic automaton (Thompson, 1968): an instruction is a state. */
import type { CharacterTest } from "./character-classes.ts";
import type { Assertion, RegexNode } from "./syntax.ts";

export type Instruction =
  /** Consume one character and go on behind. */
  | { readonly kind: "literal"; readonly codePoint: number }
  | { readonly kind: "set"; readonly test: CharacterTest }
  /** Go on behind, where it holds. */
  | { readonly kind: "assertion"; readonly at: Assertion }
  /** Go on at all of these. */
  | { readonly kind: "fork"; targets: readonly number[] }
  | { readonly kind: "found" };

/** Starts at the first instruction. */
export type Program = readonly Instruction[];

export function compileProgram(node: RegexNode): Program {
  const program: Instruction[] = [];
  emit(node, program);
  program.push({ kind: "found" });
  return program;
}

function emit(node: RegexNode, program: Instruction[]): void {
  switch (node.kind) {
    case "sequence":
      for (const part of node.parts) emit(part, program);
      return;
    case "choice":
      emitChoice(node.options, program);
      return;
    case "repeat":
      emitRepeat(node, program);
      return;
    default:
      program.push(node);
  }
}

function emitChoice(options: readonly RegexNode[], program: Instruction[]): void {
  const fork = addFork(program);
  const starts: number[] = [];
  const ends: Fork[] = [];
  for (const option of options) {
    starts.push(program.length);
    emit(option, program);
    ends.push(addFork(program));
  }
  fork.targets = starts;
  for (const end of ends) end.targets = [program.length];
}

function emitRepeat({ part, min, max }: RegexNode & { kind: "repeat" }, program: Instruction[]): void {
  for (let count = 0; count < min; count++) emit(part, program);
  if (max === Infinity) {
    const start = program.length;
    const fork = addFork(program);
    emit(part, program);
    addFork(program).targets = [start];
    fork.targets = [start + 1, program.length];
    return;
  }
  const forks: [Fork, number][] = [];
  for (let count = min; count < max; count++) {
    forks.push([addFork(program), program.length]);
    emit(part, program);
  }
  for (const [fork, inside] of forks) fork.targets = [inside, program.length];
}

type Fork = Instruction & { kind: "fork" };

/** Its targets are set once they are known. */
function addFork(program: Instruction[]): Fork {
  const fork: Fork = { kind: "fork", targets: [] };
  program.push(fork);
  return fork;
}
