/** `tuna sft`. */
import { sft } from "../../recipe/stages/sft.ts";
import { stageCommand } from "../stage-command.ts";

export const command = stageCommand(sft, [
  "tuna sft --model llama-folder --data alpaca.json --out runs/sft",
  "tuna sft --model llama-folder --data alpaca.json --out runs/sft --lr 5e-5 --epochs 1 --batch-size 16",
]);
