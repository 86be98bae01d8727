/**
 * A stage is one step of a recipe and one command of the CLI: its schema is the only source of both the flags and the
 * recipe's keys. Stages read and write files, so that they can be chained, resumed and inspected.
 */
import type { z } from "zod";
import type { Outlook, ServerUse } from "./cost-outlook.ts";

/** What a stage may say while it works. The CLI draws it; a recipe's run passes it on. */
export interface Reporter {
  say(text: string): void;
  progress(label: string, total?: number): { update(done: number, note?: string): void; done(): void };
  /** Aborted when the user interrupts: save, then stop. */
  readonly signal: AbortSignal;
  /** True when a person is watching: then long work keeps this thread free to draw and to notice the signal. */
  readonly isTerminal?: boolean | undefined;
}

export interface StageResult {
  /** For machines (`--json`). */
  readonly value: Readonly<Record<string, unknown>>;
  /** For people. */
  readonly text: string;
}

export interface Stage<Schema extends z.ZodObject = z.ZodObject> {
  /** The command that runs it: `sft`, `rank contextual`. */
  readonly kind: string;
  readonly summary: string;
  /**
   * A recipe needs to know some kinds of fields: `.meta({ path: "model" })` names a model's folder, `"rows"` a file of
   * rows, `"input"` any other file or folder, and each may be another stage's output; `{ free: true }` bounds time,
   * memory or loss of work, but not what is made. `out` is set by the recipe itself.
   */
  readonly options: Schema;
  /** Fills in defaults that depend on other options, such as a preset's, so that a record shows what was done. */
  complete?(options: z.output<Schema>): z.output<Schema>;
  /** Throws a `UserError` for what the schema cannot see and is known before any work, such as a malformed URL. */
  check?(options: z.output<Schema>): void;
  /** What it will ask servers for that may want money; empty where it asks none. Nothing is sent. */
  forecast?(options: z.output<Schema>, outlook: Outlook): Promise<ServerUse[]>;
  /** What `out` is: one JSONL file, or a folder. */
  readonly output: "file" | "folder";
  run(options: z.output<Schema>, reporter: Reporter): Promise<StageResult>;
}

export function defineStage<Schema extends z.ZodObject>(stage: Stage<Schema>): Stage<Schema> {
  return stage;
}

/** Thrown when the user interrupted and everything so far is saved: the same command goes on from there. */
export class Interrupted extends Error {
  constructor(what: string) {
    super(`Interrupted; ${what}. Run the same command again to go on.`);
    this.name = "Interrupted";
  }
}
