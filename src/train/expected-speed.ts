/** How fast a training run will be on this machine, from the arithmetic of its graph, before it starts. */
import { productFlops } from "../graph/index.ts";
import { trainingGraph } from "./loss-graph.ts";
import { type PlannedRun, largestBatches } from "./planned-batch.ts";

/**
 * The share of the machine's matrix-product rate that whole optimizer steps reach (docs/performance.md). Models below a million
 * parameters spend their time on other things than products, and are slower than this says.
 */
export const EFFICIENCY = 0.62;

/**
 * In the largest micro-batch; prompts that responses share count once. `rate`: of matrix products, in floating-point
 * operations a second.
 */
export function expectedTokensPerSecond(
  run: PlannedRun,
  { recompute, rate }: { recompute: boolean; rate: number },
): number {
  const outputs = Object.values(trainingGraph(run.model, { recompute }));
  const [{ shapes, numTokens }] = largestBatches(run);
  return (EFFICIENCY * rate * numTokens) / productFlops(outputs, shapes);
}
