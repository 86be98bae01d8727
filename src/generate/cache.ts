/**
 * Keys and values of what a batch has read so far. Those of a prompt are kept once for the sequences that continue it: they
 * stand in one group, and all groups have equally many places. What sequences read after their prompts comes in one token
 * of each at a time, so it is as long in all of them.
 */
import { NEVER_SEEN, type Value } from "../graph/index.ts";
import type { ModelConfig } from "../model/index.ts";

type Names = readonly [key: string, value: string];

/** What the graph calls them: the inputs for prompts and for what came after, and the outputs. */
export function cacheNames(layer: number): { prompt: Names; later: Names; fresh: Names } {
  return {
    prompt: [`promptKey.${layer}`, `promptValue.${layer}`],
    later: [`laterKey.${layer}`, `laterValue.${layer}`],
    fresh: [`key.${layer}`, `value.${layer}`],
  };
}

/** Bytes that one token of one sequence takes. */
export function cacheBytesPerToken({ layers, kvHeads, headSize }: ModelConfig): number {
  return 2 * layers.length * kvHeads * headSize * Float32Array.BYTES_PER_ELEMENT;
}

type Buffers = ReadonlyMap<string, Float32Array>;

export class Cache {
  /** Sequences of a group. */
  readonly places: number;
  /** Tokens of each group's prompt. */
  readonly promptLengths: readonly number[];
  readonly #config: ModelConfig;
  /** Tokens of each sequence for which there is room after its prompt. */
  readonly #maxSteps: number;
  /** By the names of the session's inputs: [groups, kvHeads, promptWidth, headSize]. */
  readonly #prompts: Buffers;
  readonly #promptWidth: number;
  /**
   * By the names of the session's inputs: [maxSteps, groups, kvHeads, places, headSize], or one step at least. Where a system
   * gives memory as it is touched, they take it only as far as they have been written.
   */
  readonly #later: Buffers;
  /** Tokens that every sequence has read after its prompt. */
  #steps = 0;

  private constructor(
    config: ModelConfig,
    prompts: Buffers,
    groups: { lengths: readonly number[]; places: number; maxSteps: number },
  ) {
    this.#config = config;
    this.#prompts = prompts;
    this.promptLengths = groups.lengths;
    this.places = groups.places;
    this.#maxSteps = groups.maxSteps;
    this.#promptWidth = firstOf(prompts).length / (groups.lengths.length * config.kvHeads * config.headSize);
    const capacity = Math.max(1, groups.maxSteps) * this.#stepSize;
    this.#later = new Map(cacheNamesOf(config, "later").map((name) => [name, new Float32Array(capacity)]));
  }

  /** For reading `groups` prompts: it shows one position that nothing sees. */
  static empty(config: ModelConfig, groups: number): Cache {
    return Cache.ofPrompts(config, { lengths: Array.from({ length: groups }, () => 0), maxSteps: 0 });
  }

  /** For prompts of these lengths, a group of one place for each, with room for `maxSteps` tokens after it. */
  static ofPrompts(config: ModelConfig, groups: { lengths: readonly number[]; maxSteps: number }): Cache {
    const width = Math.max(1, ...groups.lengths);
    const size = groups.lengths.length * config.kvHeads * width * config.headSize;
    const prompts = new Map(cacheNamesOf(config, "prompt").map((name) => [name, new Float32Array(size)]));
    return new Cache(config, prompts, { ...groups, places: 1 });
  }

  get size(): number {
    return this.promptLengths.length * this.places;
  }

  /**
   * A cache whose groups start as copies of these sequences of this one: `group * places + place` is a sequence's number.
   * Those of a group must have one prompt, and groups must be equally large.
   */
  regroup(groups: readonly (readonly number[])[]): Cache {
    const origins = groups.map(([first]) => Math.floor(first! / this.places));
    const { kvHeads, headSize } = this.#config;
    const promptSize = kvHeads * this.#promptWidth * headSize;
    // What is in them is not written to again, so that they can be shared.
    const isSame =
      origins.length === this.promptLengths.length && origins.every((each, index) => each === index);
    const prompts = isSame
      ? this.#prompts
      : [...this.#prompts].map(([name, buffer]) => [name, copyRows(buffer, origins, promptSize)] as const);
    const lengths = origins.map((origin) => this.promptLengths[origin]!);
    const places = groups[0]!.length;
    const regrouped = new Cache(this.#config, new Map(prompts), {
      lengths,
      places,
      maxSteps: this.#maxSteps,
    });
    regrouped.#steps = this.#steps;
    // Rows of one head each, in the order of the new buffer. A group's sequences may come from several.
    const rows = groups.flatMap((group) =>
      Array.from({ length: kvHeads }, (_, head) =>
        group.map((sequence) => this.#laterRow(sequence, head)),
      ).flat(),
    );
    for (const [name, target] of regrouped.#later) {
      for (let step = 0; step < this.#steps; step++) {
        const source = this.#later.get(name)!.subarray(step * this.#stepSize, (step + 1) * this.#stepSize);
        target.set(copyRows(source, rows, headSize), step * regrouped.#stepSize);
      }
    }
    return regrouped;
  }

  /** The position of what each group reads next. */
  nextPositions(): number[] {
    return this.promptLengths.map((length) => length + this.#steps);
  }

  /** The session's inputs. */
  inputs(): Record<string, Value> {
    const { kvHeads, headSize } = this.#config;
    const groups = this.promptLengths.length;
    const steps = Math.max(1, this.#steps);
    const prompts = [...this.#prompts].map(
      ([name, data]) => [name, { data, shape: [groups, kvHeads, this.#promptWidth, headSize] }] as const,
    );
    const later = [...this.#later].map(([name, buffer]) => {
      const data = buffer.subarray(0, steps * this.#stepSize);
      return [name, { data, shape: [steps, groups, kvHeads, this.places, headSize] }] as const;
    });
    const positions = (width: number, at: (length: number, index: number) => number): Value => ({
      data: Int32Array.from({ length: groups * width }, (_, slot) =>
        at(this.promptLengths[Math.floor(slot / width)]!, slot % width),
      ),
      shape: [groups, width],
    });
    return {
      ...Object.fromEntries([...prompts, ...later]),
      promptPositions: positions(this.#promptWidth, (length, index) => (index < length ? index : NEVER_SEEN)),
      laterPositions: positions(steps, (length, index) =>
        index < this.#steps ? length + index : NEVER_SEEN,
      ),
    };
  }

  /** Takes in these prompts, by their numbers, from the session's outputs [prompts, kvHeads, 1, their width, headSize]. */
  setPrompts(prompts: readonly number[], outputs: ReadonlyMap<string, Value>): void {
    const { kvHeads, headSize } = this.#config;
    const rows = prompts.flatMap((prompt) =>
      Array.from({ length: kvHeads }, (_, head) => prompt * kvHeads + head),
    );
    const fresh = cacheNamesOf(this.#config, "fresh");
    for (const [index, buffer] of [...this.#prompts.values()].entries()) {
      const { data, shape } = outputs.get(fresh[index]!)!;
      const size = shape.at(-2)! * headSize;
      for (const [place, row] of rows.entries())
        buffer.set(data.subarray(place * size, (place + 1) * size), row * this.#promptWidth * headSize);
    }
  }

  /** Takes in the token that each sequence has read, from the session's outputs [groups, kvHeads, places, 1, headSize]. */
  append(outputs: ReadonlyMap<string, Value>): void {
    const fresh = cacheNamesOf(this.#config, "fresh");
    for (const [index, buffer] of [...this.#later.values()].entries()) {
      buffer.set(outputs.get(fresh[index]!)!.data, this.#steps * this.#stepSize);
    }
    this.#steps += 1;
  }

  #laterRow(sequence: number, head: number): number {
    const group = Math.floor(sequence / this.places);
    return (group * this.#config.kvHeads + head) * this.places + (sequence % this.places);
  }

  /** Values of one step of all sequences. */
  get #stepSize(): number {
    return this.size * this.#config.kvHeads * this.#config.headSize;
  }
}

/** The same of all layers. */
export function cacheNamesOf({ layers }: ModelConfig, part: keyof ReturnType<typeof cacheNames>): string[] {
  return layers.flatMap((_, layer) => cacheNames(layer)[part]);
}

function firstOf(buffers: Buffers): Float32Array {
  const [first] = buffers.values();
  return first!;
}

function copyRows(source: Float32Array, rows: readonly number[], width: number): Float32Array {
  const target = new Float32Array(rows.length * width);
  for (const [index, row] of rows.entries())
    target.set(source.subarray(row * width, (row + 1) * width), index * width);
  return target;
}
