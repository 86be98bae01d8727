/** What a training run tells people: its data and plan before the first step, each step, its speed, and what tree packing saved. */
import { bytesInWords } from "../text/bytes-in-words.ts";
import { countOf } from "../text/count-of.ts";
import type { StepEvent, TrainEvent } from "../train/events.ts";
import type { TrainSettings } from "../train/settings.ts";
import { describeParts } from "../train/memory-plan.ts";
import { dataNotes } from "./data-notes.ts";

type Start = Extract<TrainEvent, { event: "start" }>;
type End = Extract<TrainEvent, { event: "end" }>;

export function describeData(
  { data, parameters, trained, steps, ...plan }: Start,
  settings: TrainSettings,
): string {
  const { objective, warmupSteps } = settings;
  const lines = [
    `${countOf(data.examples, "example")}, ${countOf(data.responseTokens, "response token")}`,
    ...dataNotes(data, objective),
  ];
  const adapter = trained === parameters ? "" : ` frozen, ${trained.toLocaleString("en")} trained`;
  const size = `${parameters.toLocaleString("en")} parameters${adapter}, ${countOf(steps, "step")}`;
  const all = steps === 1 ? "the only step is" : `all ${steps} steps are`;
  const warning = `warning: ${all} warm-up (--warmup-steps ${warmupSteps}); the first has learning rate 0`;
  return [lines.join("\n  "), size, describePlan(plan), ...(steps <= warmupSteps ? [warning] : [])].join(
    "\n",
  );
}

function describePlan({
  memory,
  expectedTokensPerSecond,
}: Pick<Start, "memory" | "expectedTokensPerSecond">) {
  const parts = `plan: ${bytesInWords(memory.peak)} of ${bytesInWords(memory.available)} memory (${describeParts(memory)})`;
  if (expectedTokensPerSecond === null) return parts;
  return `${parts}; about ${rounded(expectedTokensPerSecond)} tokens/s expected, a shared prompt counted once`;
}

export function describeStep({ loss, pairAccuracy, totalSteps, tokensPerSecond }: StepEvent): string {
  const pairs = pairAccuracy === null ? "" : `, pairs ${(100 * pairAccuracy).toFixed(0)} %`;
  return `of ${totalSteps}, loss ${loss.toFixed(3)}${pairs}, ${tokensPerSecond.toFixed(0)} tokens/s`;
}

export function describeEnd({ tokensPerSecond, savedTokenShare }: End, expected: number | null): string {
  const plan = expected === null ? "" : ` (${rounded(expected)} expected)`;
  const speed = `${rounded(tokensPerSecond)} tokens/s on average${plan}`;
  if (savedTokenShare === 0) return speed;
  const share = (100 * savedTokenShare).toFixed(0);
  return `${speed}; sharing prompts and leaving out padding saved ${share} % of the tokens of a padded batch`;
}

/** To two digits: what is expected is no better known. */
function rounded(tokensPerSecond: number): string {
  return Number(tokensPerSecond.toPrecision(2)).toLocaleString("en");
}
