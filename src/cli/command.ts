/** How a command is declared. Its zod schema is the only source of flags, types, defaults, limits and help text. */
import type { z } from "zod";
import type { CommandIo } from "./io.ts";

export interface Command<Schema extends z.ZodObject = z.ZodObject> {
  /** What the user types after `tuna`: `doctor`, `eval rouge`. */
  name: string;
  /** One line for the list of commands. */
  summary: string;
  /** Whole command lines, shown in the help. */
  examples: readonly string[];
  /**
   * A strict object. The key `lengthPenalty` is the flag `--length-penalty`; `.describe()` is its help text and
   * `.meta({ placeholder: "URL#MODEL" })` the name of its value there. Fields are strings, numbers, booleans, enums,
   * literals, or arrays of these; optional or with a default. A rule between flags is a `.refine()` of the object, whose
   * message is shown as it is. `--json` and `--help` are there by themselves.
   */
  options: Schema;
  /** Keys of `options` given without a flag, in order; the last may be an array and takes all that follow. */
  positionals?: readonly (keyof z.output<Schema> & string)[];
  /** Throws to fail. Watches `io.signal` where it works for long. */
  run(options: z.output<Schema>, io: CommandIo): Promise<void> | void;
}

/** Returns its argument; it is there so that `run` gets the type of the parsed options. */
export function defineCommand<Schema extends z.ZodObject>(command: Command<Schema>): Command<Schema> {
  return command;
}
