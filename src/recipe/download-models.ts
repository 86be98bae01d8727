/**
 * The models of the hub that a recipe names, itself or by adapters whose bases they are, downloaded before its first stage:
 * one that cannot be had is found before any work, and all stages see the same commit of a branch.
 */
import { sep } from "node:path";
import { resolveModelFolder } from "./model-folder.ts";
import type { PlannedStage } from "./plan.ts";
import type { Reporter } from "./stage.ts";

/** The plan with folders that can be loaded in place of references and of adapters. */
export async function downloadModels(
  plan: readonly PlannedStage[],
  reporter: Reporter,
): Promise<PlannedStage[]> {
  const isMade = (path: string): boolean =>
    plan.some(({ folder }) => `${path}${sep}`.startsWith(`${folder}${sep}`));
  const given = plan.flatMap(({ inputs }) => Object.values(inputs)).filter((path) => !isMade(path));
  const folders = new Map<string, string>();
  // Files of rows and whole models stay what they are.
  for (const path of new Set(given)) folders.set(path, await resolveModelFolder(path, reporter));
  const place = (path: string): string => folders.get(path) ?? path;
  return plan.map((stage) => {
    const inputs = Object.entries(stage.inputs).map(([key, path]) => [key, place(path)] as const);
    return { ...stage, inputs: Object.fromEntries(inputs) };
  });
}
