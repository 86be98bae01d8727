/**
 * Low-rank adaptation (LoRA; Hu et al., 2021): beside a frozen matrix W [out, in] stand A [rank, in] and B [out, rank],
 * and the layer computes x Wᵀ + (alpha / rank) dropout(x) Aᵀ Bᵀ. Names and defaults are PEFT's.
 */
import { z } from "zod";
import { UserError } from "../errors.ts";
import { type RandomStream, randomStream } from "../random.ts";
import type { ModelConfig } from "./architecture.ts";
import type { Model } from "./folder.ts";
import { parameterShapes, storedName } from "./parameters.ts";

/** A ranking model's own layer, which an adapter trains and keeps whole. */
const SCORE = "score";
/** Every linear layer of every block. */
export const ALL_LINEAR = "all-linear";

export const loraSettings = z.strictObject({
  rank: z.number().int().positive(),
  alpha: z.number().positive(),
  /** The share of a layer's inputs that A does not see, drawn anew for each token. */
  dropout: z.number().min(0).lt(1),
  /** Linear layers by the ends of their Hugging Face names, such as `q_proj`. */
  targets: z.array(z.string().min(1)).nonempty(),
});
export type LoraSettings = Readonly<z.output<typeof loraSettings>>;

/** Trained matrices beside a model's own. */
export interface Adapter {
  readonly settings: LoraSettings;
  /** The model it belongs to, a folder or a hub id, for the adapter's own file. */
  readonly base: string | undefined;
  /** `layers.0.query.loraA` [rank, in] and `layers.0.query.loraB` [out, rank], and so on; of a ranking model its `score` too. */
  readonly parameters: ReadonlyMap<string, Float32Array>;
}

/** What the adapter's part of a layer is multiplied by. */
export function loraScale({ alpha, rank }: LoraSettings): number {
  return alpha / rank;
}

/** Our names of the adapted layers. Throws a `UserError` for a target that no layer has. */
export function adaptedLayers(config: ModelConfig, { targets }: LoraSettings): string[] {
  const layers = linearLayers(config);
  const modules = layers.map((layer) => storedName(config, layer).name.replace(/\.weight$/, ""));
  const fits = (module: string, target: string): boolean =>
    target === ALL_LINEAR || module === target || module.endsWith(`.${target}`);
  const unknown = targets.find((target) => !modules.some((module) => fits(module, target)));
  if (unknown !== undefined) {
    const known = [...new Set(modules.map((module) => module.split(".").at(-1)))].join(", ");
    throw new UserError(
      `LoRA target "${unknown}": no linear layer of this model is called so. It has ${known}.`,
      {
        code: "lora-target-unknown",
      },
    );
  }
  return layers.filter((_, index) => targets.some((target) => fits(modules[index]!, target)));
}

/** Names and shapes of the adapter's matrices, in a fixed order. */
export function adapterShapes(config: ModelConfig, settings: LoraSettings): Map<string, readonly number[]> {
  const all = parameterShapes(config);
  const shapes = new Map<string, readonly number[]>();
  for (const layer of adaptedLayers(config, settings)) {
    const [width, inner] = all.get(layer) as readonly [number, number];
    shapes.set(`${layer}.loraA`, [settings.rank, inner]);
    shapes.set(`${layer}.loraB`, [width, settings.rank]);
  }
  // A new score cannot be made of a frozen one: it is trained whole, as PEFT does for a classifier.
  const score = all.get(SCORE);
  if (score !== undefined) shapes.set(SCORE, score);
  return shapes;
}

/** As PEFT starts: A uniform within 1 / sqrt(in), B zero, so that the model is at first what it was. A score stays the model's own. */
export function initializeAdapter(
  { config, parameters: own }: Pick<Model, "config" | "parameters">,
  settings: LoraSettings,
  { seed, base }: { seed: number; base: string | undefined },
): Adapter {
  const parameters = new Map<string, Float32Array>();
  for (const [name, shape] of adapterShapes(config, settings)) {
    const [rows, columns] = shape as readonly [number, number];
    const values = own.get(name) ?? new Float32Array(rows * columns);
    if (name.endsWith(".loraA"))
      fillUniform(values, 1 / Math.sqrt(columns), randomStream(seed, "lora", name));
    parameters.set(name, values);
  }
  return { settings, base, parameters };
}

/** Adds (alpha / rank) B A to each adapted matrix, and puts its score in the place of the model's, in place. */
export function mergeAdapter(
  config: ModelConfig,
  parameters: ReadonlyMap<string, Float32Array>,
  { settings, parameters: adapter }: Adapter,
): void {
  const scale = loraScale(settings);
  for (const layer of adaptedLayers(config, settings)) {
    const [a, b] = [adapter.get(`${layer}.loraA`)!, adapter.get(`${layer}.loraB`)!];
    addProduct(parameters.get(layer)!, { a, b, rank: settings.rank, scale });
  }
  const score = adapter.get(SCORE);
  if (score !== undefined) parameters.get(SCORE)!.set(score);
}

interface LowRank {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly rank: number;
  readonly scale: number;
}

function addProduct(matrix: Float32Array, { a, b, rank, scale }: LowRank): void {
  const columns = a.length / rank;
  const row = new Float64Array(columns);
  for (let out = 0; out < b.length / rank; out++) {
    row.fill(0);
    for (let r = 0; r < rank; r++) {
      const weight = b[out * rank + r]! * scale;
      for (let column = 0; column < columns; column++) row[column]! += weight * a[r * columns + column]!;
    }
    for (let column = 0; column < columns; column++) matrix[out * columns + column]! += row[column]!;
  }
}

function linearLayers(config: ModelConfig): string[] {
  return [...parameterShapes(config)]
    .filter(([name, shape]) => name.startsWith("layers.") && shape.length === 2)
    .map(([name]) => name);
}

function fillUniform(values: Float32Array, bound: number, random: RandomStream): void {
  for (let index = 0; index < values.length; index++) values[index] = (2 * random.float() - 1) * bound;
}
