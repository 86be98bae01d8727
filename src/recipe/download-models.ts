/**
 * The models of the hub that a recipe names, downloaded before its first stage: one that cannot be had is found before
 * any work, and all stages see the same commit of a branch.
 */
import { isExplicitReference } from "../hub/index.ts";
import { resolveModelFolder } from "./model-folder.ts";
import type { PlannedStage } from "./plan.ts";
import type { Reporter } from "./stage.ts";

/** The plan with folders in place of references. */
export async function downloadModels(
  plan: readonly PlannedStage[],
  reporter: Reporter,
): Promise<PlannedStage[]> {
  const references = plan.flatMap(({ inputs }) => Object.values(inputs)).filter(isExplicitReference);
  const folders = new Map<string, string>();
  for (const reference of new Set(references)) {
    folders.set(reference, await resolveModelFolder(reference, reporter));
  }
  const place = (path: string): string => folders.get(path) ?? path;
  return plan.map((stage) => {
    const inputs = Object.entries(stage.inputs).map(([key, path]) => [key, place(path)] as const);
    return { ...stage, inputs: Object.fromEntries(inputs) };
  });
}
