/** Matches stored tensors with the parameters that a configuration asks for: each there, in shape, and none left over. */
import { UserError } from "../errors.ts";
import type { ModelConfig } from "./config.ts";
import { isComputedBuffer, toHuggingFaceName } from "./hf-names.ts";
import { parameterShapes } from "./llama.ts";
import type { TensorData } from "./safetensors.ts";

/** Values by our parameter names. `path` is the model's folder, for messages. */
export function fitParameters(
  config: ModelConfig,
  weights: ReadonlyMap<string, TensorData>,
  path: string,
): Map<string, Float32Array> {
  const parameters = new Map<string, Float32Array>();
  const rest = new Map(weights);
  for (const [name, shape] of parameterShapes(config)) {
    const stored = toHuggingFaceName(name);
    parameters.set(name, fit(rest.get(stored), { stored, shape, path }));
    rest.delete(stored);
  }
  if (config.tiedEmbeddings) dropTiedCopy(rest, parameters, path);
  const extra = [...rest.keys()].filter((name) => !isComputedBuffer(name));
  if (extra.length > 0) {
    const count = extra.length === 1 ? "a tensor" : `${extra.length} tensors`;
    throw misfit(path, `the weights hold ${count} that config.json does not explain, such as "${extra[0]}"`);
  }
  return parameters;
}

function fit(
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

/** Some tied checkpoints store the projection as well; that is fine as long as it is the embedding. */
function dropTiedCopy(
  rest: Map<string, TensorData>,
  parameters: ReadonlyMap<string, Float32Array>,
  path: string,
): void {
  const stored = toHuggingFaceName("output");
  const copy = rest.get(stored)?.data;
  if (copy === undefined) return;
  const embedding = parameters.get("embedding")!;
  if (copy.length !== embedding.length || copy.some((value, index) => value !== embedding[index])) {
    throw misfit(path, `config.json ties the embeddings, but "${stored}" differs from the embedding`);
  }
  rest.delete(stored);
}

function misfit(path: string, what: string): UserError {
  return new UserError(
    `${path}: ${what}. The configuration and the weights must be of one model; save or download them together.`,
    { code: "model-misfit", facts: { path } },
  );
}
