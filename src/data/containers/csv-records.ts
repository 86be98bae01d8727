/**
 * Splits the text of a CSV file into records (RFC 4180), as Python's csv does: a quote opens only at the start of a cell,
 * and what follows a closing quote is part of the cell. Any line end may follow any other; a blank line is no record.
 */

export interface CsvRecord {
  readonly cells: readonly string[];
  /** From 1; where the record begins. */
  readonly line: number;
}

export class CsvRecords {
  readonly #delimiter: string;
  /** `closed`: behind a quote that ends the quoted text, unless another quote follows. */
  #state: "start" | "plain" | "quoted" | "closed" = "start";
  #cell = "";
  #cells: string[] = [];
  #found: CsvRecord[] = [];
  #line = 1;
  #recordLine = 1;
  #afterReturn = false;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  /** The records that end in this piece of the text. */
  next(chunk: string): CsvRecord[] {
    this.#found = [];
    let at = 0;
    while (at < chunk.length) {
      at = this.#state === "quoted" ? this.#readQuoted(chunk, at) : this.#readUnquoted(chunk, at);
    }
    return this.#found;
  }

  /** The last record, where no line end follows it. Throws where a quote is not closed. */
  end(): CsvRecord[] {
    if (this.#state === "quoted")
      throw new Error(`line ${this.#recordLine}: a quote opens in this row and is never closed`);
    this.#found = [];
    this.#endRecord();
    return this.#found;
  }

  /** Returns where to go on. */
  #readQuoted(chunk: string, start: number): number {
    const quote = chunk.indexOf('"', start);
    const text = chunk.slice(start, quote === -1 ? chunk.length : quote);
    this.#cell += text;
    this.#line += text.split("\n").length - 1;
    if (quote !== -1) this.#state = "closed";
    return start + text.length + (quote === -1 ? 0 : 1);
  }

  #readUnquoted(chunk: string, start: number): number {
    const character = chunk[start]!;
    const isSecondOfLineEnd = this.#afterReturn && character === "\n";
    this.#afterReturn = character === "\r";
    if (isSecondOfLineEnd) return start + 1;
    if (character === '"' && this.#state !== "plain") {
      if (this.#state === "closed") this.#cell += '"';
      this.#state = "quoted";
      return start + 1;
    }
    if (character === this.#delimiter) {
      this.#endCell();
      return start + 1;
    }
    if (character === "\n" || character === "\r") {
      this.#line++;
      this.#endRecord();
      return start + 1;
    }
    const end = this.#endOfRun(chunk, start);
    this.#cell += chunk.slice(start, end);
    this.#state = "plain";
    return end;
  }

  #endOfRun(chunk: string, start: number): number {
    let end = start + 1;
    while (end < chunk.length && !this.#endsRun(chunk[end]!)) end++;
    return end;
  }

  #endsRun(character: string): boolean {
    return character === this.#delimiter || character === "\n" || character === "\r";
  }

  #endCell(): void {
    this.#cells.push(this.#cell);
    this.#cell = "";
    this.#state = "start";
  }

  #endRecord(): void {
    const isBlank = this.#cells.length === 0 && this.#state === "start";
    if (!isBlank) {
      this.#endCell();
      this.#found.push({ cells: this.#cells, line: this.#recordLine });
      this.#cells = [];
    }
    this.#recordLine = this.#line;
  }
}
