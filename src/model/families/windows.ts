/** Which layers see a window only, by the keys of `config.json` that say so. */
import { z } from "zod";
import { size } from "./family.ts";

const layerTypes = z.array(z.enum(["full_attention", "sliding_attention"])).nullish();

export const windowFields = {
  sliding_window: size.nullish(),
  use_sliding_window: z.boolean().default(false),
  max_window_layers: z.number().int().nonnegative().nullish(),
  layer_types: layerTypes,
};

type WindowFields = z.output<z.ZodObject<typeof windowFields>> & { num_hidden_layers: number };

/** For each layer: the window, or undefined. Files without `layer_types` give the window to the upper layers. */
export function windowsOf(config: WindowFields): (number | undefined)[] {
  const { num_hidden_layers: layers, max_window_layers: first, layer_types: types } = config;
  const window = config.use_sliding_window ? (config.sliding_window ?? undefined) : undefined;
  return Array.from({ length: layers }, (_, layer) => {
    const isSliding = types ? types[layer] === "sliding_attention" : layer >= (first ?? layers);
    return isSliding ? window : undefined;
  });
}
