/** `tuna train-proxy`. */
import { trainProxy } from "../../recipe/stages/train-proxy.ts";
import { stageCommand } from "../stage-command.ts";

export const command = stageCommand(trainProxy, [
  "tuna train-proxy --model stabilityai/stablelm-3b-4e1t --data judged.jsonl --out runs/prm",
  "tuna train-proxy --model runs/sft --data judged.jsonl --out runs/prm --loss pairwise",
]);
