/** What a file holds before anybody knows what its rows mean: values with their places, and what could not be read. */

export interface Place {
  /** From 1; where the row begins. */
  readonly line?: number | undefined;
  /** From 0; where a line does not say which row is meant. */
  readonly row?: number | undefined;
}

export interface RawRow {
  readonly place: Place;
  readonly value: unknown;
  /** True for an object of texts alone, which may stand for other values. */
  readonly isText?: boolean;
}

/** A row that is not even a value: broken JSON, or a line of CSV with cells too few. */
export interface BrokenRow {
  readonly place: Place;
  readonly reason: string;
  /** As it stands in the file. */
  readonly text: string;
}

/** Rows come in batches: to await each of a million by itself takes longer than to read them. */
export type RawRows = AsyncGenerator<readonly (RawRow | BrokenRow)[]>;

/** `line 3`, `line 1, row 7`, `row 12`. */
export function placeInWords({ line, row }: Place): string {
  return [line !== undefined && `line ${line}`, row !== undefined && `row ${row}`]
    .filter((part) => part !== false)
    .join(", ");
}

/** The value of a text, or why there is none. */
export function parseJson(text: string): { value: unknown } | { reason: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (cause) {
    return { reason: `not JSON: ${(cause as Error).message}` };
  }
}
