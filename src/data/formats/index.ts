/** Every format that rows may have. The first that recognizes a row's keys is its format. */
import { alpaca } from "./alpaca.ts";
import type { Format, InstructionFormat, ListFormat } from "./format.ts";
import { lmopsContextual } from "./lmops-contextual.ts";
import { lmopsProbabilistic } from "./lmops-probabilistic.ts";
import { lmopsSampled } from "./lmops-sampled.ts";
import { lmopsTrainer } from "./lmops-trainer.ts";
import { messages } from "./messages.ts";
import { ranked } from "./ranked.ts";
import { sharegpt } from "./sharegpt.ts";
import { trlDpo } from "./trl-dpo.ts";
import { trlKto } from "./trl-kto.ts";
import { trlReward } from "./trl-reward.ts";

export const LIST_FORMATS: readonly ListFormat[] = [
  ranked,
  lmopsProbabilistic,
  lmopsContextual,
  lmopsTrainer,
  lmopsSampled,
  trlDpo,
  trlReward,
  trlKto,
];
export const INSTRUCTION_FORMATS: readonly InstructionFormat[] = [messages, sharegpt, alpaca];
export const FORMATS: readonly Format[] = [...LIST_FORMATS, ...INSTRUCTION_FORMATS];

export const FORMAT_NAMES = [
  "alpaca",
  "messages",
  "sharegpt",
  "ranked",
  "lmops-probabilistic",
  "lmops-contextual",
  "lmops-trainer",
  "lmops-sampled",
  "trl-dpo",
  "trl-kto",
  "trl-reward",
] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

export function formatNamed(name: FormatName): Format {
  return FORMATS.find((format) => format.name === name)!;
}
