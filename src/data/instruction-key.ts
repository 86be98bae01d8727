/** What makes two rows the same question. */
import { createHash } from "node:crypto";

interface Asked {
  readonly instruction: string;
  readonly input: string;
}

/** Instruction and input as they are. */
export function exactKey({ instruction, input }: Asked): string {
  return JSON.stringify([instruction, input]);
}

/** Without regard to white space, and in the instruction to case and to punctuation at its ends. */
export function normalizedKey({ instruction, input }: Asked): string {
  return JSON.stringify([normalized(instruction), input.split(/\s+/).join(" ").trim()]);
}

/** The instruction alone, normalized: rows that differ in their input share it. */
export function instructionKey({ instruction }: Asked): string {
  return normalized(instruction);
}

/** 16 characters in place of a long key: those of a million rows fit into memory. */
export function shortKey(key: string): string {
  return createHash("sha256").update(key).digest("base64").slice(0, 16);
}

function normalized(text: string): string {
  const words = text.normalize("NFKC").toLowerCase().split(/\s+/).join(" ");
  return words.replace(/^[\s\p{P}]+|[\s\p{P}]+$/gu, "");
}
