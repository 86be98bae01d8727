/** Every command of `tuna`, in the order of the help. Each file is loaded only when its command runs or is listed. */
import type { Registry } from "./find-command.ts";

export const registry: Registry = {
  quickstart: () => import("./commands/quickstart.ts"),
  run: () => import("./commands/run.ts"),
  sft: () => import("./commands/sft.ts"),
  sample: () => import("./commands/sample.ts"),
  score: () => import("./commands/score.ts"),
  "rank probabilistic": () => import("./commands/rank-probabilistic.ts"),
  "rank contextual": () => import("./commands/rank-contextual.ts"),
  "rank proxy": () => import("./commands/rank-proxy.ts"),
  train: () => import("./commands/train.ts"),
  "train-proxy": () => import("./commands/train-proxy.ts"),
  "data describe": () => import("./commands/data-describe.ts"),
  "data convert": () => import("./commands/data-convert.ts"),
  "data join": () => import("./commands/data-join.ts"),
  "data split": () => import("./commands/data-split.ts"),
  "data sample": () => import("./commands/data-sample.ts"),
  "data dedupe": () => import("./commands/data-dedupe.ts"),
  generate: () => import("./commands/generate.ts"),
  "eval ranking": () => import("./commands/eval-ranking.ts"),
  "eval judge": () => import("./commands/eval-judge.ts"),
  "eval rouge": () => import("./commands/eval-rouge.ts"),
  "eval bertscore": () => import("./commands/eval-bertscore.ts"),
  cost: () => import("./commands/cost.ts"),
  journal: () => import("./commands/journal.ts"),
  doctor: () => import("./commands/doctor.ts"),
};
