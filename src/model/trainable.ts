/** What training changes: the adapter's matrices where there is an adapter, else every parameter of the model. */
import type { Model } from "./folder.ts";
import { adapterShapes } from "./lora.ts";
import { parameterShapes } from "./parameters.ts";

export function trainableParameters({ parameters, adapter }: Model): ReadonlyMap<string, Float32Array> {
  return adapter?.parameters ?? parameters;
}

export function trainableShapes({
  config,
  adapter,
}: Pick<Model, "config" | "adapter">): Map<string, readonly number[]> {
  return adapter === undefined ? parameterShapes(config) : adapterShapes(config, adapter.settings);
}
