/** `tuna data join`. */
import { dataJoin } from "../../recipe/stages/data-join.ts";
import { stageCommand } from "../stage-command.ts";

export const command = stageCommand(dataJoin, [
  "tuna data join --data contextual.jsonl probabilistic.jsonl --out mix.jsonl",
  "tuna data join --data samples.jsonl alpaca.json --by instruction --out with-originals.jsonl",
]);
