/** The micro-batches by which a run is planned: the shapes that its graph will see at its largest. */
import { numLabels } from "../data/encode.ts";
import { pack } from "../data/pack.ts";
import type { Model } from "../model/index.ts";
import type { EncodedExample } from "./encode-examples.ts";
import { objectiveInputs } from "./loss-graph.ts";
import { microBatchesOf, tokensOf } from "./micro-batches.ts";
import { planObjective } from "./objective.ts";
import type { TrainSettings } from "./settings.ts";

export interface PlannedRun {
  readonly model: Pick<Model, "config" | "adapter">;
  /** In the order of each step's batches. */
  readonly steps: readonly (readonly EncodedExample[])[];
  readonly settings: TrainSettings;
}

export interface PlannedBatch {
  /** By the graph's inputs. */
  readonly shapes: Readonly<Record<string, { readonly shape: readonly number[] }>>;
  /** Prompts that responses share count once. */
  readonly numTokens: number;
}

/** The micro-batch of most tokens, the one with the longest sequences, and the one of most labels, whose logits may be kept. */
export function largestBatches({
  model,
  steps,
  settings,
}: PlannedRun): [PlannedBatch, PlannedBatch, PlannedBatch] {
  const all = steps.flatMap((step) => {
    const exampleOf = new Map(step.map((example) => [example.sequences, example]));
    return microBatchesOf(groupsOf(step), settings.microBatchTokens).map((groups) =>
      groups.map((group) => exampleOf.get(group)!),
    );
  });
  const largest = (size: (examples: EncodedExample[]) => number): PlannedBatch =>
    plannedBatch(
      all.reduce((best, each) => (size(each) > size(best) ? each : best)),
      model,
      settings,
    );
  return [largest(numTokens), largest(sumOfSquares), largest(totalLabels)];
}

function numTokens(examples: EncodedExample[]): number {
  return examples.reduce((sum, { sequences }) => sum + tokensOf(sequences), 0);
}

/** Of lengths: what attention grows with. */
function sumOfSquares(examples: EncodedExample[]): number {
  const lengths = examples.flatMap(({ sequences }) => sequences.map(({ ids }) => ids.length));
  return lengths.reduce((sum, length) => sum + length ** 2, 0);
}

function totalLabels(examples: EncodedExample[]): number {
  return examples
    .flatMap(({ sequences }) => sequences)
    .reduce((sum, sequence) => sum + numLabels(sequence), 0);
}

function plannedBatch(
  examples: readonly EncodedExample[],
  { config, adapter }: PlannedRun["model"],
  { objective }: TrainSettings,
): PlannedBatch {
  const batch = pack(groupsOf(examples));
  const plan = planObjective(
    examples.map(({ candidates }) => candidates),
    objective,
  );
  // Its length binds a dimension; what is fed does not count.
  const dropout =
    (adapter?.settings.dropout ?? 0) > 0 ? { dropoutPool: { shape: [batch.numRows * config.mlpWidth] } } : {};
  const shapes = { ...batch.inputs, ...objectiveInputs(plan, batch, 0), ...dropout };
  return { shapes, numTokens: batch.numTokens };
}

function groupsOf(examples: readonly EncodedExample[]): EncodedExample["sequences"][] {
  return examples.map(({ sequences }) => sequences);
}
