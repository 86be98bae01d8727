/** Every kind of stage that a recipe may name. */
import type { Stage } from "../stage.ts";
import { dataConvert } from "./data-convert.ts";
import { dataDedupe } from "./data-dedupe.ts";
import { dataJoin } from "./data-join.ts";
import { dataSample } from "./data-sample.ts";
import { dataSplit } from "./data-split.ts";
import { initialize } from "./initialize.ts";
import { pocketReport } from "./pocket-report.ts";
import { pocketWorld } from "./pocket-world.ts";
import { rankContextual } from "./rank-contextual.ts";
import { rankProbabilistic } from "./rank-probabilistic.ts";
import { rankProxy } from "./rank-proxy.ts";
import { sample } from "./sample.ts";
import { sft } from "./sft.ts";
import { train } from "./train.ts";
import { trainProxy } from "./train-proxy.ts";

const all = [
  pocketWorld,
  initialize,
  sft,
  sample,
  rankProbabilistic,
  rankContextual,
  rankProxy,
  train,
  trainProxy,
  dataConvert,
  dataJoin,
  dataSplit,
  dataSample,
  dataDedupe,
  pocketReport,
];

export const stages: Readonly<Record<string, Stage>> = Object.fromEntries(
  all.map((stage) => [stage.kind, stage as unknown as Stage]),
);
