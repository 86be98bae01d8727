/** Parameters, or values for each parameter, as Hugging Face's files store them. */
import type { ModelConfig } from "./architecture.ts";
import { parameterShapes, storedName } from "./parameters.ts";
import type { TensorData } from "./safetensors.ts";

/** `values` by our parameter names; the result by the family's. */
export function storedTensors(
  config: ModelConfig,
  values: ReadonlyMap<string, Float32Array>,
): Map<string, TensorData> {
  const tensors = new Map<string, TensorData>();
  for (const [name, shape] of parameterShapes(config)) {
    const stored = storedName(config, name);
    const data = values.get(name)!;
    const tensor = stored.isTransposed
      ? { shape: shape.toReversed(), data: transposed(data, shape.toReversed()) }
      : { shape, data };
    tensors.set(stored.name, tensor);
  }
  return tensors;
}

/** The matrix of the given shape, from one that holds it the other way around. */
export function transposed(data: Float32Array, shape: readonly number[]): Float32Array {
  const [rows, columns] = shape as readonly [number, number];
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      result[row * columns + column] = data[column * rows + row]!;
  }
  return result;
}
