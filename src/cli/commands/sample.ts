/** `tuna sample`. */
import { sample } from "../../recipe/stages/sample.ts";
import { stageCommand } from "../stage-command.ts";

export const command = stageCommand(sample, [
  "tuna sample --model runs/sft --data alpaca.json --out sampled.jsonl --n 4",
  "tuna sample --teacher http://127.0.0.1:8000/v1#my-model --data alpaca.json --out sampled.jsonl",
]);
