/** `tuna data split`. */
import { dataSplit } from "../../recipe/stages/data-split.ts";
import { stageCommand } from "../stage-command.ts";

export const command = stageCommand(dataSplit, [
  "tuna data split --data ranked.jsonl --out parts",
  "tuna data split --data alpaca.json --parts train=0.8 dev=0.1 test=0.1 --seed 7 --out parts",
]);
