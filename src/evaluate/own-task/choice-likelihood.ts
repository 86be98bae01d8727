/** Multiple choice by likelihood: every choice is scored as the answer to the prompt, and the likeliest is the model's. */
import { encodeResponses, numLabels } from "../../data/encode.ts";
import { type SequenceScore, Scorer } from "../../generate/score.ts";
import type { Device } from "../../graph/index.ts";
import type { Model, TemplatedModel } from "../../model/index.ts";
import { letterOf } from "./prompt-template.ts";
import type { AskedItem } from "./read-task.ts";
import type { ScoredAnswer } from "./score-task.ts";
import type { CHOICE_LENGTHS } from "./scorers/multiple-choice.ts";

export interface ChoiceOptions {
  /** What a choice's log-probability is divided by. */
  readonly per: (typeof CHOICE_LENGTHS)[number];
  readonly threads?: number | undefined;
  readonly device?: Device | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** In the order of the items; the prediction is the text of the likeliest choice, the first of equal ones. */
export async function scoreChoices(
  { model, promptOf }: Pick<TemplatedModel, "model" | "promptOf">,
  items: readonly AskedItem[],
  { per, threads, device, signal, onProgress }: ChoiceOptions,
): Promise<ScoredAnswer[]> {
  const encoded = items.map((item) => ({ item, sequences: encodeChoices(item, model, promptOf) }));
  const fitting = encoded.filter(({ sequences }) => sequences.length > 0);
  const scorer = await Scorer.open(model, { threads, device });
  try {
    const scores = await scorer.score(
      fitting.map(({ sequences }) => sequences),
      onProgress,
      signal,
    );
    const byItem = new Map(fitting.map(({ item }, index) => [item, scores[index]!]));
    return items.map((item) => choose(item, byItem.get(item), per));
  } finally {
    await scorer.close();
  }
}

/** Empty where any is longer than the model's window: a cut choice would get a likelihood that is not its own. */
function encodeChoices(
  { prompt, rule }: AskedItem,
  { tokenizer, eosIds, config }: Model,
  promptOf: TemplatedModel["promptOf"],
) {
  const responses = rule.by === "likelihood" ? rule.choices : [];
  const whole = "text" in prompt ? prompt.text : promptOf(prompt);
  const encoding = { maxLength: Infinity, eosId: eosIds[0] };
  const sequences = encodeResponses(tokenizer, { prompt: whole, responses }, encoding);
  // The last token is only predicted, never read, so one more than the window fits.
  const fits = sequences.every(
    (sequence) => sequence.ids.length <= config.maxPositions + 1 && numLabels(sequence) > 0,
  );
  return fits ? sequences : [];
}

function choose(
  item: AskedItem,
  scores: readonly SequenceScore[] | undefined,
  per: ChoiceOptions["per"],
): ScoredAnswer {
  const { choices, target } = item.rule as Extract<AskedItem["rule"], { by: "likelihood" }>;
  if (scores === undefined) {
    const reason = "the prompt and a choice are longer than the model's window";
    return { item, prediction: "", outcome: { score: null, reason } };
  }
  const values = scores.map(({ logprob, numTokens }, index) => {
    const length = { token: numTokens, character: Math.max(1, choices[index]!.length), none: 1 }[per];
    return logprob / length;
  });
  const chosen = values.indexOf(Math.max(...values));
  const prediction = choices[chosen]!;
  const read = `${letterOf(chosen)}. ${prediction}`;
  return { item, prediction, outcome: { score: chosen === target ? 1 : 0, read, values } };
}
