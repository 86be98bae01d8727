/**
 * Splits the text of a JSON array into its elements, without parsing them: brackets are counted and strings skipped. The
 * text is a JSON array exactly where nothing is thrown and every element is JSON by itself.
 */

export interface JsonElement {
  readonly text: string;
  /** From 1; where the element begins. */
  readonly line: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const LINE_FEED = 0x0a;

export class JsonElements {
  /** Of the element that is being read, from earlier pieces of the text. */
  #parts: string[] = [];
  #start = 0;
  #found: JsonElement[] = [];
  /** 0 outside of the array, 1 between its elements. */
  #depth = 0;
  #isClosed = false;
  #inString = false;
  #isEscaped = false;
  #isBlank = true;
  #numElements = 0;
  #line = 1;
  #elementLine = 1;

  /** The elements that end in this piece of the text. Throws where it is no array. */
  next(chunk: string): JsonElement[] {
    this.#start = 0;
    this.#found = [];
    for (let at = 0; at < chunk.length; at++) {
      const code = chunk.charCodeAt(at);
      if (code === LINE_FEED) this.#line++;
      if (this.#inString) this.#readString(code);
      else if (this.#depth === 0) this.#readAround(code, at);
      else this.#readArray(code, chunk, at);
    }
    if (this.#depth > 0) this.#parts.push(chunk.slice(this.#start));
    return this.#found;
  }

  /** Throws where the array is not closed. */
  end(): void {
    if (this.#isClosed) return;
    throw new Error(`the array is not closed: the file ends in row ${this.#numElements}`);
  }

  #readString(code: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (code === BACKSLASH) this.#isEscaped = true;
    else if (code === QUOTE) this.#inString = false;
  }

  /** Before the array and after it. */
  #readAround(code: number, at: number): void {
    if (isWhiteSpace(code)) return;
    if (this.#isClosed) throw new Error(`line ${this.#line}: there is more after the end of the array`);
    if (code !== OPEN_ARRAY) throw new Error(`line ${this.#line}: expected a JSON array`);
    this.#depth = 1;
    this.#start = at + 1;
  }

  #readArray(code: number, chunk: string, at: number): void {
    if (this.#isBlank && !isWhiteSpace(code)) this.#elementLine = this.#line;
    if (this.#depth === 1 && code === COMMA) return this.#take(chunk, at);
    if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) {
      this.#depth--;
      if (this.#depth === 0) return this.#close(code, chunk, at);
    } else if (code === OPEN_ARRAY || code === OPEN_OBJECT) this.#depth++;
    else if (code === QUOTE) this.#inString = true;
    this.#isBlank &&= isWhiteSpace(code);
  }

  #close(code: number, chunk: string, at: number): void {
    if (code === CLOSE_OBJECT) throw new Error(`line ${this.#line}: } without {`);
    const isEmpty = this.#isBlank && this.#numElements === 0;
    if (!isEmpty) this.#take(chunk, at);
    this.#isClosed = true;
  }

  #take(chunk: string, end: number): void {
    const text = this.#parts.join("") + chunk.slice(this.#start, end);
    this.#found.push({ text, line: this.#elementLine });
    this.#parts = [];
    this.#start = end + 1;
    this.#isBlank = true;
    this.#numElements++;
  }
}

/** As JSON has it. */
function isWhiteSpace(code: number): boolean {
  return code === 0x20 || code === LINE_FEED || code === 0x0d || code === 0x09;
}
