/** `tuna rank probabilistic`. */
import { rankProbabilistic } from "../../recipe/stages/rank-probabilistic.ts";
import { stageCommand } from "../stage-command.ts";

export const command = stageCommand(rankProbabilistic, [
  "tuna rank probabilistic --data sampled.jsonl --out ranked.jsonl",
]);
