/** The mean of values that come one by one, in flat memory. */

export interface Mean {
  readonly count: number;
  /** Null of nothing. */
  readonly mean: number | null;
}

export class RunningMean {
  #sum = 0;
  #count = 0;

  add(value: number): void {
    this.#sum += value;
    this.#count++;
  }

  mean(): Mean {
    return { count: this.#count, mean: this.#count === 0 ? null : this.#sum / this.#count };
  }
}
