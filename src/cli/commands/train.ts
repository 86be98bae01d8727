/** `tuna train`. */
import { train } from "../../recipe/stages/train.ts";
import { stageCommand } from "../stage-command.ts";

export const command = stageCommand(train, [
  "tuna train --model runs/sft --data ranked.jsonl --out runs/tuna",
  "tuna train --model runs/sft --data ranked.jsonl --out runs/tuna --preset lmops --margin 0.2",
]);
