/** `tuna rank contextual`. */
import { rankContextual } from "../../recipe/stages/rank-contextual.ts";
import { stageCommand } from "../stage-command.ts";

export const command = stageCommand(rankContextual, [
  "tuna rank contextual --data sampled.jsonl --judge http://127.0.0.1:8000/v1#my-judge --out ranked.jsonl",
  "OPENAI_API_KEY=... tuna rank contextual --data sampled.jsonl --judge https://api.openai.com/v1#gpt-4.1 --out ranked.jsonl",
]);
