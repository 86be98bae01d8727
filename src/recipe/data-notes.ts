/** What a data set holds, and what of it is left out, in lines for people. */
import { countOf } from "../text/count-of.ts";
import type { DataSummary } from "../train/encode-examples.ts";
import type { ObjectiveOptions } from "../train/objective.ts";

export function dataNotes(data: DataSummary, { mleTarget, mleWeight }: ObjectiveOptions): string[] {
  const { ties, emptyResponses, truncatedResponses, promptFillsWindow, withoutResponses, withoutOriginal } =
    data;
  const wantsOriginal = mleTarget === "original" && mleWeight > 0;
  const whose = (count: number): string => (count === 1 ? "its" : "their");
  return [
    ...notesOnCandidates(data.candidatesPerExample),
    ties > 0 && countOf(ties, "tie"),
    emptyResponses > 0 &&
      `${countOf(emptyResponses, "empty response")} (${whose(emptyResponses)} EOS counts)`,
    truncatedResponses > 0 && `${countOf(truncatedResponses, "response")} cut by the window`,
    promptFillsWindow.length > 0 && `${dropped(promptFillsWindow)}: the prompt fills the window`,
    withoutResponses.length > 0 && `${dropped(withoutResponses)}: no response that the objective uses`,
    wantsOriginal &&
      withoutOriginal > 0 &&
      `${countOf(withoutOriginal, "example")} without an original response, so without ${whose(withoutOriginal)} likelihood term`,
  ].filter((note) => note !== false);
}

/** The first few, so that they can be looked up. */
export function firstIds(ids: readonly string[]): string {
  return `${ids.slice(0, 5).join(", ")}${ids.length > 5 ? ", ..." : ""}`;
}

function dropped(ids: readonly string[]): string {
  return `${countOf(ids.length, "example")} dropped (${firstIds(ids)})`;
}

function notesOnCandidates(candidatesPerExample: DataSummary["candidatesPerExample"]): string[] {
  const ranked = Object.entries(candidatesPerExample).filter(([candidates]) => candidates !== "0");
  if (ranked.length === 0) return [];
  const counts = ranked.map(([candidates, examples]) => `${candidates} in ${countOf(examples, "example")}`);
  return [`ranked responses: ${counts.join(", ")}`];
}
