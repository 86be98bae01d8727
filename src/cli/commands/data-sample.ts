/** `tuna data sample`. */
import { dataSample } from "../../recipe/stages/data-sample.ts";
import { stageCommand } from "../stage-command.ts";

export const command = stageCommand(dataSample, [
  "tuna data sample --data alpaca.json --first 13000 --out first.jsonl",
  "tuna data sample --data ranked.jsonl --skip 13000 --out rest.jsonl",
  "tuna data sample --data alpaca.json --random 500 --seed 1 --out some.csv",
]);
