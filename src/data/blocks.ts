/** An input of the graph. */
export interface InputArray {
  readonly data: Int32Array | Float32Array;
  readonly shape: readonly number[];
}

/** The position of a padding slot: later than any query, so never seen. Equals the graph's `NEVER_SEEN`. */
export const NEVER_SEEN = 2 ** 30;
export const NO_ROW = -1;

/** Tokens in a row, and the blocks of slots, padded to the longest, that attention sees them in. */
export class Blocks {
  readonly count: number;
  readonly #name: string;
  /** Slots of a block. */
  readonly length: number;
  readonly #ids: number[] = [];
  readonly #positions: number[] = [];
  readonly #rows: number[] = [];
  readonly #slots: Int32Array;
  readonly #slotPositions: Int32Array;

  constructor(name: string, lengths: readonly number[]) {
    this.#name = name;
    this.count = Math.max(1, lengths.length);
    this.length = Math.max(1, ...lengths);
    this.#slots = new Int32Array(this.count * this.length).fill(NO_ROW);
    this.#slotPositions = new Int32Array(this.count * this.length).fill(NEVER_SEEN);
    // The graph cannot run on zero tokens: one in no slot stands in, and nothing ever sees it.
    if (!lengths.some((length) => length > 0)) this.#append(0, 0, NO_ROW);
  }

  get numRows(): number {
    return this.#ids.length;
  }

  /** Of a block's slots. */
  positionsOf(block: number): Int32Array {
    return this.#slotPositions.subarray(block * this.length, (block + 1) * this.length);
  }

  place(block: number, ids: readonly number[], firstPosition: number): void {
    for (const [offset, id] of ids.entries()) {
      const slot = block * this.length + offset;
      this.#slots[slot] = this.#ids.length;
      this.#slotPositions[slot] = firstPosition + offset;
      this.#append(id, firstPosition + offset, slot);
    }
  }

  get inputs(): Readonly<Record<string, InputArray>> {
    const row = (values: readonly number[]): InputArray => ({
      data: Int32Array.from(values),
      shape: [values.length],
    });
    const shape = [this.count, this.length];
    return {
      [`${this.#name}Ids`]: row(this.#ids),
      [`${this.#name}Positions`]: row(this.#positions),
      [`${this.#name}Rows`]: row(this.#rows),
      [`${this.#name}Slots`]: { data: this.#slots, shape },
      [`${this.#name}SlotPositions`]: { data: this.#slotPositions, shape },
    };
  }

  #append(id: number, position: number, slot: number): void {
    this.#ids.push(id);
    this.#positions.push(position);
    this.#rows.push(slot);
  }
}
