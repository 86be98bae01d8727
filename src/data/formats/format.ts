/** A format: what the keys of a row mean, whatever kind of file holds it. One file each, joined in `index.ts`. */
import type { z } from "zod";
import type { InstructionRow, RankedList } from "../record.ts";

export type Values = Readonly<Record<string, unknown>>;

/** How lists write prompts where a format has one text for instruction and input. */
export interface PromptStyle {
  readonly promptOf: (row: { instruction: string; input: string }) => string;
  /** Messages with roles, which get the model's own chat template, instead of texts. */
  readonly asMessages: boolean;
}

interface FormatFacts {
  readonly name: string;
  /** For the help and the documentation. */
  readonly keys: string;
  /** Whether these are the row's keys, and not those of another format. */
  recognizes(row: Values): boolean;
  /** What a cell of CSV, which is always text, holds as JSON. Other cells are texts. */
  readonly structured: readonly string[];
  /** Texts that must be there: their empty cells in CSV are empty texts. Other empty cells are absent values. */
  readonly texts: readonly string[];
  /** Texts that may be lists of messages instead, which cells of CSV hold as JSON. */
  readonly dialogues?: readonly string[];
}

/** `index` numbers the rows of a file, or of what is written, from 0: it stands in for an id. */
export interface InstructionFormat extends FormatFacts {
  readonly holds: "instructions";
  /** Checks a row and gives it without its id where it has none. */
  readonly row: z.ZodType<Omit<InstructionRow, "id"> & { id?: string | undefined }>;
  write(row: InstructionRow, index: number): Values;
}

export interface ListFormat extends FormatFacts {
  readonly holds: "lists";
  /** Checks a row. A list without an id gets its number. */
  readonly row: z.ZodType<Omit<RankedList, "id"> & { id?: string | undefined }>;
  /** The rows that hold the list, maybe none. Throws a `RowFault` where the list lacks what the format needs. */
  write(list: RankedList, index: number, style: PromptStyle): readonly Values[];
  /**
   * Where a list may take several rows: one list of such lists, which have the same prompt and follow each other. Throws a
   * `RowFault` where they contradict each other.
   */
  readonly merge?: (parts: readonly RankedList[]) => RankedList;
}

export type Format = InstructionFormat | ListFormat;

/** What is wrong with one row. Whoever knows the file and the line says where. */
export class RowFault extends Error {
  /** A path such as `responses.0.text`; empty where the row as a whole is wrong. */
  readonly field: string;

  constructor(field: string, message: string) {
    super(message);
    this.name = "RowFault";
    this.field = field;
  }
}

/** The id, unless it is only the row's number, which it gets anyway when it is read. */
export function idOf(id: string | undefined, index: number): { id?: string } {
  return id === undefined || id === String(index) ? {} : { id };
}
