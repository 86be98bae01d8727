/** `tuna data dedupe`. */
import { dataDedupe } from "../../recipe/stages/data-dedupe.ts";
import { stageCommand } from "../stage-command.ts";

export const command = stageCommand(dataDedupe, [
  "tuna data dedupe --data alpaca.json --out distinct.jsonl",
  "tuna data dedupe --data alpaca.json --by rouge --threshold 0.7 --out distinct.jsonl",
]);
