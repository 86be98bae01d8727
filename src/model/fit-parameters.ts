/** Matches stored tensors with the parameters that a configuration asks for: each there, in shape, and none left over. */
import { UserError } from "../errors.ts";
import type { ModelConfig } from "./architecture.ts";
import { parameterShapes, storedName } from "./parameters.ts";
import type { TensorData } from "./safetensors.ts";
import { transposed } from "./stored-tensors.ts";

/** Values by our parameter names. `path` is the model's folder, for messages. */
export function fitParameters(
  config: ModelConfig,
  weights: ReadonlyMap<string, TensorData>,
  path: string,
): Map<string, Float32Array> {
  const parameters = new Map<string, Float32Array>();
  const rest = new Map(weights);
  for (const [name, shape] of parameterShapes(config)) {
    const stored = storedName(config, name);
    const found = rest.has(stored.name) ? stored.name : stored.shortName;
    const { isTransposed } = stored;
    const wanted = { stored: stored.name, shape: isTransposed ? shape.toReversed() : shape, path };
    const data = fit(rest.get(found), wanted);
    parameters.set(name, isTransposed ? transposed(data, shape) : data);
    rest.delete(found);
  }
  if (config.tiedEmbeddings && config.head === "lm") dropTiedCopy(config, { rest, parameters, path });
  const extra = [...rest.keys()].filter((name) => !isComputedBuffer(name));
  if (extra.length > 0) {
    const count = extra.length === 1 ? "a tensor" : `${extra.length} tensors`;
    throw misfit(path, `the weights hold ${count} that config.json does not explain, such as "${extra[0]}"`);
  }
  return parameters;
}

export function fit(
  tensor: TensorData | undefined,
  { stored, shape, path }: { stored: string; shape: readonly number[]; path: string },
): Float32Array {
  if (tensor === undefined) throw misfit(path, `the weights lack "${stored}"`);
  if (tensor.shape.join() !== shape.join()) {
    const [came, expected] = [tensor.shape.join(", "), shape.join(", ")];
    throw misfit(path, `"${stored}" has shape [${came}], config.json asks for [${expected}]`);
  }
  return tensor.data;
}

interface Fitting {
  readonly rest: Map<string, TensorData>;
  readonly parameters: ReadonlyMap<string, Float32Array>;
  readonly path: string;
}

/** Some tied checkpoints store the projection as well; that is fine as long as it is the embedding. */
function dropTiedCopy(config: ModelConfig, { rest, parameters, path }: Fitting): void {
  const stored = storedName(config, "output").name;
  const copy = rest.get(stored)?.data;
  if (copy === undefined) return;
  const embedding = parameters.get("embedding")!;
  if (copy.length !== embedding.length || copy.some((value, index) => value !== embedding[index])) {
    throw misfit(path, `config.json ties the embeddings, but "${stored}" differs from the embedding`);
  }
  rest.delete(stored);
}

/** Buffers that some old checkpoints store although they follow from the configuration: angles, and GPT-2's masks. */
function isComputedBuffer(huggingFaceName: string): boolean {
  return /\.rotary_emb\.inv_freq$|(^|\.)h\.\d+\.attn\.(bias|masked_bias)$/.test(huggingFaceName);
}

export function misfit(path: string, what: string): UserError {
  return new UserError(
    `${path}: ${what}. The configuration and the weights must be of one model; save or download them together.`,
    { code: "model-misfit", facts: { path } },
  );
}
