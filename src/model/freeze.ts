/** Weights that do not change belong in the ONNX model, where ONNX Runtime packs them once for its matrix products. */
import type { LowerOptions } from "../graph/index.ts";
import type { Model } from "./folder.ts";

/** A protobuf message cannot exceed 2 GiB; larger models feed their weights at each run instead. */
const MAX_FROZEN_BYTES = 1.9e9;

export function frozenParameters({ parameters }: Model): LowerOptions {
  const bytes = [...parameters.values()].reduce((total, { byteLength }) => total + byteLength, 0);
  return bytes > MAX_FROZEN_BYTES ? {} : { frozen: parameters };
}
