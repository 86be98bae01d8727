/** Arithmetic of the linear layers in a training step, forward and backward. */
import { parameterShapes } from "../../dist/model/index.js";

/** 6 FLOP a parameter and token; the projection only for labels. */
export function linearFlops(config, { tokens, labels }) {
  let [body, projection] = [0, 0];
  for (const [name, shape] of parameterShapes(config)) {
    if (shape.length !== 2) continue;
    const size = shape[0] * shape[1];
    if (name === "output" || (name === "embedding" && config.tiedEmbeddings)) projection += size;
    else if (name !== "embedding") body += size;
  }
  return 6 * (body * tokens + projection * labels);
}
