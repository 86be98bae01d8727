/** `tuna data convert`. */
import { dataConvert } from "../../recipe/stages/data-convert.ts";
import { stageCommand } from "../stage-command.ts";

export const command = stageCommand(dataConvert, [
  "tuna data convert --data alpaca.json --out alpaca.parquet",
  "tuna data convert --data ranked.jsonl --to trl-dpo --template chat --out pairs.parquet",
  "tuna data convert --data chats.jsonl --rejects bad.jsonl --out rows.jsonl.gz --to alpaca",
]);
