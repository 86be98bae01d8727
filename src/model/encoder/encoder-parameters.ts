/** Names and shapes of an encoder's parameters, in our words and in Hugging Face's, and the stored tensors that give them. */
import type { TensorData } from "../safetensors.ts";
import { fit, misfit } from "../fit-parameters.ts";
import type { EncoderConfig } from "./encoder-config.ts";

/** Of the embeddings and the first `layers` layers; matrices are [out, in]. */
export function encoderShapes(config: EncoderConfig, layers: number): Map<string, readonly number[]> {
  const { width: D, mlpWidth: F, vocabulary: V, positions: P, tokenTypes: T } = config;
  const shapes = new Map<string, readonly number[]>([
    ["embedding", [V, D]],
    ["positionEmbedding", [P, D]],
    ["typeEmbedding", [T, D]],
    ["embeddingNorm", [D]],
    ["embeddingNorm.bias", [D]],
  ]);
  const outputs = {
    query: [D, D],
    key: [D, D],
    value: [D, D],
    attentionOutput: [D, D],
    up: [F, D],
    down: [D, F],
  };
  for (let layer = 0; layer < layers; layer++) {
    for (const [part, shape] of [...Object.entries(outputs), ...NORMS.map((norm) => [norm, [D]] as const)]) {
      shapes.set(`layers.${layer}.${part}`, shape);
      shapes.set(`layers.${layer}.${part}.bias`, [shape[0]]);
    }
  }
  return shapes;
}

/**
 * Values by our names, of the embeddings and the first `layers` layers. What else the file holds, such as the head of the
 * task that the encoder was trained for, is left out. `path` is the model's folder, for messages.
 */
export function fitEncoderParameters(
  config: EncoderConfig,
  { weights, layers, path }: { weights: ReadonlyMap<string, TensorData>; layers: number; path: string },
): Map<string, Float32Array> {
  const prefix = prefixOf(weights, path);
  const named = new Map([...weights].map(([name, tensor]) => [currentName(name), tensor]));
  const explained = new Set(namesOf(encoderShapes(config, config.layers), prefix).values());
  const extra = [...named.keys()].find(
    (name) => BODY.test(name.slice(prefix.length)) && name.startsWith(prefix) && !explained.has(name),
  );
  if (extra !== undefined)
    throw misfit(path, `the encoder has a tensor "${extra}" that config.json does not explain`);
  const shapes = encoderShapes(config, layers);
  const values = [...namesOf(shapes, prefix)].map(([name, stored]) => {
    return [name, fit(named.get(stored), { stored, shape: shapes.get(name)!, path })] as const;
  });
  return new Map(values);
}

const NORMS = ["attentionNorm", "mlpNorm"] as const;

const STORED: Readonly<Record<string, string>> = {
  embedding: "embeddings.word_embeddings",
  positionEmbedding: "embeddings.position_embeddings",
  typeEmbedding: "embeddings.token_type_embeddings",
  embeddingNorm: "embeddings.LayerNorm",
  query: "attention.self.query",
  key: "attention.self.key",
  value: "attention.self.value",
  attentionOutput: "attention.output.dense",
  attentionNorm: "attention.output.LayerNorm",
  up: "intermediate.dense",
  down: "output.dense",
  mlpNorm: "output.LayerNorm",
};

/** What computes hidden states, buffers apart that follow from the configuration. */
const BODY = /^(embeddings|encoder)\.(?!position_ids$|token_type_ids$)/;

/** `layers.3.up.bias` -> `bert.encoder.layer.3.intermediate.dense.bias`. */
function namesOf(shapes: ReadonlyMap<string, unknown>, prefix: string): Map<string, string> {
  return new Map(
    [...shapes.keys()].map((name) => {
      const [, layer, part, bias] = /^(?:layers\.(\d+)\.)?(\w+)(\.bias)?$/.exec(name)!;
      const place = layer === undefined ? "" : `encoder.layer.${layer}.`;
      return [name, `${prefix}${place}${STORED[part!]!}${bias ?? ".weight"}`];
    }),
  );
}

/** Files of a model with a head have the encoder under a name of its own: `bert.`, `roberta.`. */
function prefixOf(weights: ReadonlyMap<string, unknown>, path: string): string {
  const first = `${STORED["embedding"]!}.weight`;
  const found = [...weights.keys()].filter((name) => name === first || name.endsWith(`.${first}`));
  if (found.length === 1) return found[0]!.slice(0, -first.length);
  throw misfit(path, `expected one encoder ("${first}" under any prefix), found ${found.length}`);
}

/** Files that were made from TensorFlow's call a norm's parameters gamma and beta. */
function currentName(name: string): string {
  return name.replace(/LayerNorm\.gamma$/, "LayerNorm.weight").replace(/LayerNorm\.beta$/, "LayerNorm.bias");
}
