/** What makes two rows the same question. Many dialogues end in "continue": what came before is part of the question. */
import { createHash } from "node:crypto";

interface Asked {
  readonly instruction: string;
  readonly input: string;
  readonly system?: unknown;
  readonly history?: unknown;
}

/** Instruction, input, and a dialogue's system message and earlier turns, as they are. */
export function exactKey({ instruction, input, ...dialogue }: Asked): string {
  return JSON.stringify([instruction, input, ...before(dialogue)]);
}

/** Without regard to white space, and in the instruction to case and to punctuation at its ends. */
export function normalizedKey({ instruction, input, ...dialogue }: Asked): string {
  const words = input.split(/\s+/).join(" ").trim();
  return JSON.stringify([normalized(instruction), words, ...before(dialogue)]);
}

/** The instruction, normalized, and a dialogue's earlier turns: rows that differ in their input share it. */
export function instructionKey({ instruction, history }: Asked): string {
  const turns = before({ history });
  return turns.length === 0 ? normalized(instruction) : JSON.stringify([normalized(instruction), ...turns]);
}

/** An empty system message or history is as none; without both, nothing. */
function before({ system, history }: Pick<Asked, "system" | "history">): unknown[] {
  const said = typeof system === "string" && system !== "" ? system : null;
  const turns = Array.isArray(history) && history.length > 0 ? (history as unknown[]) : null;
  return said === null && turns === null ? [] : [said, turns];
}

/** 16 characters in place of a long key: those of a million rows fit into memory. */
export function shortKey(key: string): string {
  return createHash("sha256").update(key).digest("base64").slice(0, 16);
}

function normalized(text: string): string {
  const words = text.normalize("NFKC").toLowerCase().split(/\s+/).join(" ");
  return words.replace(/^[\s\p{P}]+|[\s\p{P}]+$/gu, "");
}
