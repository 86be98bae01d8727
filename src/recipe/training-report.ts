/** What a training run tells people: its data before the first step, each step, and what tree packing saved. */
import type { DataSummary } from "../train/encode-examples.ts";
import type { StepEvent, TrainEvent } from "../train/events.ts";
import type { ObjectiveOptions } from "../train/objective.ts";
import type { TrainSettings } from "../train/settings.ts";

type Start = Extract<TrainEvent, { event: "start" }>;
type End = Extract<TrainEvent, { event: "end" }>;

export function describeData({ data, parameters, steps }: Start, settings: TrainSettings): string {
  const { objective, warmupSteps } = settings;
  const lines = [
    `${data.examples} examples, ${data.responseTokens} response tokens`,
    ...notesOn(data, objective),
  ];
  const size = `${parameters.toLocaleString("en")} parameters, ${steps} steps`;
  const warning = `warning: all ${steps} steps are warm-up (--warmup-steps ${warmupSteps}); the first has learning rate 0`;
  return [lines.join("\n  "), size, ...(steps <= warmupSteps ? [warning] : [])].join("\n");
}

export function describeStep({ loss, pairAccuracy, totalSteps, tokensPerSecond }: StepEvent): string {
  const pairs = pairAccuracy === null ? "" : `, pairs ${(100 * pairAccuracy).toFixed(0)} %`;
  return `of ${totalSteps}, loss ${loss.toFixed(3)}${pairs}, ${tokensPerSecond.toFixed(0)} tokens/s`;
}

export function describeSaving({ savedTokenShare }: End): string {
  return `sharing prompts and leaving out padding saved ${(100 * savedTokenShare).toFixed(0)} % of the tokens of a padded batch`;
}

function notesOn(data: DataSummary, { mleTarget, mleWeight }: ObjectiveOptions): string[] {
  const counts = Object.entries(data.candidatesPerExample).filter(([count]) => count !== "0");
  const ranked = counts.map(([count, examples]) => `${count} in ${examples}`).join(", ");
  const dropped = data.promptFillsWindow;
  const named = `${dropped.slice(0, 5).join(", ")}${dropped.length > 5 ? ", ..." : ""}`;
  const wantsOriginal = mleTarget === "original" && mleWeight > 0;
  const notes: [boolean, string][] = [
    [counts.length > 0, `ranked responses: ${ranked} examples`],
    [data.ties > 0, `${data.ties} ties`],
    [data.emptyResponses > 0, `${data.emptyResponses} empty responses (their EOS counts)`],
    [data.truncatedResponses > 0, `${data.truncatedResponses} responses cut by the window`],
    [dropped.length > 0, `${dropped.length} examples dropped, their prompts fill the window (${named})`],
    [
      wantsOriginal && data.withoutOriginal > 0,
      `${data.withoutOriginal} without an original response, so without its likelihood term`,
    ],
  ];
  return notes.filter(([applies]) => applies).map(([, note]) => note);
}
