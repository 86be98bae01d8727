/** Our own ranked lists (see `record.ts`). Other keys stay with the list and with its responses. */
import { rankedList } from "../record.ts";
import type { ListFormat } from "./format.ts";

export const ranked: ListFormat = {
  name: "ranked",
  keys: "id, instruction, input, original, responses: [{text, rank, ...}]",
  holds: "lists",
  recognizes: (row) => "responses" in row,
  structured: ["responses", "ranking", "sampling"],
  texts: ["instruction", "input"],
  row: rankedList,
  write: (list) => [list],
};
