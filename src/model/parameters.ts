/** Names and shapes of a model's parameters, in our words and in Hugging Face's. */
import { type Tensor, parameter } from "../graph/index.ts";
import type { ModelConfig } from "./architecture.ts";
import { families } from "./families/index.ts";

/** The parameters of a graph under construction, by our names. */
export type ParameterTensors = ReadonlyMap<string, Tensor>;

/** Names and shapes of every parameter, in a fixed order; matrices are [out, in]. */
export function parameterShapes(config: ModelConfig): Map<string, readonly number[]> {
  const { width: D, vocabulary: V, maxPositions: P, learnedPositions } = config;
  const shapes = new Map<string, readonly number[]>([["embedding", [V, D]]]);
  if (learnedPositions !== undefined) shapes.set("positionEmbedding", [P + learnedPositions.offset, D]);
  for (let layer = 0; layer < config.layers.length; layer++) {
    for (const [part, shape] of layerShapes(config)) shapes.set(`layers.${layer}.${part}`, shape);
  }
  for (const [part, shape] of normShapes(config, "norm", D)) shapes.set(part, shape);
  if (config.head === "score") shapes.set("score", [1, D]);
  else if (!config.tiedEmbeddings) shapes.set("output", [V, D]);
  return shapes;
}

/** With an adapter's matrices, where it has one. */
export function declareParameters(
  config: ModelConfig,
  adapter: ReadonlyMap<string, readonly number[]> = new Map(),
): ParameterTensors {
  return new Map(
    [...parameterShapes(config), ...adapter].map(([name, shape]) => [name, parameter(name, shape)]),
  );
}

type NamedShape = readonly [name: string, shape: readonly number[]];

function layerShapes(config: ModelConfig): NamedShape[] {
  const { width: D, mlpWidth: F, heads: H, headSize: S, biases, sandwichNorms } = config;
  return [
    ...normShapes(config, "attentionNorm", D),
    ...queryKeyValueShapes(config),
    ...(config.queryKeyNorm ? ["queryNorm", "keyNorm"].flatMap((name) => normShapes(config, name, S)) : []),
    ...linearShapes("attentionOutput", [D, H * S], biases.attentionOutput),
    ...(sandwichNorms ? normShapes(config, "attentionPostNorm", D) : []),
    ...(config.parallelResidual ? [] : normShapes(config, "mlpNorm", D)),
    ...(config.gatedMlp ? linearShapes("gate", [F, D], biases.mlp) : []),
    ...linearShapes("up", [F, D], biases.mlp),
    ...linearShapes("down", [D, F], biases.mlp),
    ...(sandwichNorms ? normShapes(config, "mlpPostNorm", D) : []),
  ];
}

function queryKeyValueShapes(config: ModelConfig): NamedShape[] {
  const { width: D, heads: H, kvHeads: K, headSize: S, biases } = config;
  const widths = { query: H * S, key: K * S, value: K * S };
  if (config.fusedQueryKeyValue)
    return linearShapes("queryKeyValue", [(H + 2 * K) * S, D], biases.queryKeyValue);
  return Object.entries(widths).flatMap(([name, width]) =>
    linearShapes(name, [width, D], biases.queryKeyValue),
  );
}

function linearShapes(name: string, shape: readonly [number, number], hasBias: boolean): NamedShape[] {
  return [[name, shape], ...(hasBias ? [[`${name}.bias`, [shape[0]]] as const] : [])];
}

function normShapes({ norm: { kind } }: ModelConfig, name: string, width: number): NamedShape[] {
  return [[name, [width]], ...(kind === "layer" ? [[`${name}.bias`, [width]] as const] : [])];
}

/** What a parameter is called in files, and whether its matrix is stored [in, out]. */
export interface StoredName {
  readonly name: string;
  readonly isTransposed: boolean;
  /** The name in files that leave out the start of every name. */
  readonly shortName: string;
}

/** `layers.3.query` -> `model.layers.3.self_attn.q_proj.weight`, in the words of the model's family. */
export function storedName(config: ModelConfig, parameterName: string): StoredName {
  const { names } = families.get(config.family)!;
  const [, layer, part, bias] = /^(?:layers\.(\d+)\.)?(\w+)(\.bias)?$/.exec(parameterName)!;
  const isMatrix = bias === undefined && layer !== undefined && !part!.endsWith("Norm");
  const base =
    layer === undefined
      ? { score: "score", ...names }[part as "embedding" | "positionEmbedding" | "norm" | "output" | "score"]!
      : names.layer.replace("#", layer) + names.parts[part!]!;
  const name = `${base}.${bias === undefined ? "weight" : "bias"}`;
  const { optionalPrefix = "" } = names;
  return {
    name,
    isTransposed: isMatrix && names.isTransposed === true,
    shortName: name.startsWith(optionalPrefix) ? name.slice(optionalPrefix.length) : name,
  };
}
