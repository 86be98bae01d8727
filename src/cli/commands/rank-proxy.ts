/** `tuna rank proxy`. */
import { rankProxy } from "../../recipe/stages/rank-proxy.ts";
import { stageCommand } from "../stage-command.ts";

export const command = stageCommand(rankProxy, [
  "tuna rank proxy --data sampled.jsonl --model runs/prm --out ranked.jsonl",
]);
