/** Makes records of a file's raw rows: finds each row's format, checks it, and merges rows that are parts of one list. */
import { UserError } from "../errors.ts";
import type { BrokenRow, RawRow } from "./containers/raw-row.ts";
import { decodeCells } from "./formats/decode-cells.ts";
import { type Format, type ListFormat, RowFault, type Values } from "./formats/format.ts";
import { type FormatName, formatNamed } from "./formats/index.ts";
import { issueInWords } from "./issue-in-words.ts";
import type { InstructionRow, RankedList } from "./record.ts";
import type { RejectedRow } from "./rejected-row.ts";

export type Outcome = { readonly row: InstructionRow | RankedList } | { readonly rejected: RejectedRow };

/** Part of a list that the next rows may go on with. */
interface Part {
  readonly format: ListFormat;
  readonly list: RankedList;
  /** What the rows of one list have in common. */
  readonly key: string;
  readonly raw: RawRow;
}

export class RowReader {
  readonly #candidates: readonly Format[];
  #index = 0;
  #format: Format | undefined;
  #parts: Part[] = [];

  constructor(
    path: string,
    { candidates, format }: { candidates: readonly Format[]; format: FormatName | undefined },
  ) {
    this.#candidates = format === undefined ? candidates : [formatNamed(format)];
    if (format === undefined || candidates.some(({ name }) => name === format)) return;
    throw new UserError(
      `${path}: rows of the format ${format} hold no ranked lists, which are needed here. Formats that do: ${candidates.map(({ name }) => name).join(", ")}.`,
      { code: "format-without-lists" },
    );
  }

  /** What these rows, and parts that end before them, come to. */
  next(rows: readonly (RawRow | BrokenRow)[]): Outcome[] {
    const outcomes: Outcome[] = [];
    for (const raw of rows) this.#read(raw, this.#index++, outcomes);
    return outcomes;
  }

  end(): Outcome[] {
    const outcomes: Outcome[] = [];
    this.#mergeParts(outcomes);
    return outcomes;
  }

  #read(raw: RawRow | BrokenRow, index: number, outcomes: Outcome[]): void {
    if ("reason" in raw) {
      const { place, reason, text } = raw;
      outcomes.push({ rejected: { ...place, field: "", reason, content: text } });
      return;
    }
    try {
      const format = this.#formatOf(raw.value);
      const { id, ...rest } = this.#check(format, raw);
      const row = { id: id ?? String(index), ...rest } as InstructionRow | RankedList;
      const isPart = format.holds === "lists" && format.merge !== undefined;
      if (!isPart || this.#parts[0]?.key !== keyOf(id, rest)) this.#mergeParts(outcomes);
      if (isPart) this.#parts.push({ format, list: row as RankedList, key: keyOf(id, rest), raw });
      else outcomes.push({ row });
    } catch (error) {
      outcomes.push(rejected(raw, error));
    }
  }

  #formatOf(value: unknown): Format {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new RowFault("", `expected object, received ${value === null ? "null" : typeOf(value)}`);
    const values = value as Values;
    if (this.#candidates.length === 1) return this.#candidates[0]!;
    // Rows of a file are mostly alike.
    if (this.#format?.recognizes(values) !== true)
      this.#format = this.#candidates.find((format) => format.recognizes(values));
    if (this.#format === undefined) throw unknownFormat(values, this.#candidates);
    return this.#format;
  }

  #check(
    format: Format,
    { value, isText }: RawRow,
  ): Omit<InstructionRow | RankedList, "id"> & { id?: string } {
    const values = isText === true ? decodeCells(value as Record<string, string>, format) : value;
    const checked = format.row.safeParse(values);
    if (checked.success) return checked.data as Omit<RankedList, "id"> & { id?: string };
    const { field, message } = issueInWords(checked.error);
    throw new RowFault(field, message);
  }

  #mergeParts(outcomes: Outcome[]): void {
    const [first] = this.#parts;
    if (first === undefined) return;
    const parts = this.#parts;
    this.#parts = [];
    try {
      outcomes.push({ row: first.format.merge!(parts.map(({ list }) => list)) });
    } catch (error) {
      outcomes.push(...parts.map(({ raw }) => rejected(raw, error)));
    }
  }
}

function keyOf(id: string | undefined, row: object): string {
  const { instruction, input, system, history } = row as Record<string, unknown>;
  return JSON.stringify([id, instruction, input, system, history]);
}

function rejected({ place, value }: RawRow, error: unknown): Outcome {
  if (!(error instanceof RowFault)) throw error;
  return { rejected: { ...place, field: error.field, reason: error.message, content: value } };
}

function typeOf(value: unknown): string {
  return Array.isArray(value) ? "array" : typeof value;
}

function unknownFormat(values: Values, candidates: readonly Format[]): RowFault {
  const keys = Object.keys(values).slice(0, 12).join(", ");
  const wanted = candidates.every(({ holds }) => holds === "lists")
    ? "a ranked list"
    : "a row of a known format";
  const known = candidates.map(({ name, keys: wants }) => `${name} (${wants})`).join("; ");
  return new RowFault("", `expected ${wanted}, found the keys ${keys || "of none"}. Known are: ${known}.`);
}
