import { expect, test } from "vitest";
import type { RankedList } from "../record.ts";
import { type FormatName, formatNamed } from "./index.ts";
import type { ListFormat } from "./format.ts";
import { lossOf } from "./loss.ts";

const style = { promptOf: ({ instruction }: { instruction: string }) => instruction, asMessages: false };

function lossIn(name: FormatName, list: RankedList): string[] {
  const format = formatNamed(name) as ListFormat;
  return lossOf(list, format, format.write(list, 0, style));
}

const plain: RankedList = {
  id: "1",
  instruction: "do",
  input: "",
  responses: [
    { text: "a", rank: 0 },
    { text: "b", rank: 1 },
    { text: "c", rank: 1 },
  ],
};

test("nothing is lost where a format holds all", () => {
  for (const name of ["ranked", "trl-dpo", "lmops-contextual"] as const) {
    const responses = name === "lmops-contextual" ? plain.responses.slice(0, 2) : plain.responses;
    expect(lossIn(name, { ...plain, responses })).toEqual([]);
  }
});

test("fields that have no place are named", () => {
  const list = { ...plain, original: "o", topic: "x", ranking: { method: "contextual" } };
  expect(lossIn("trl-dpo", list)).toEqual(["original", "topic", "ranking"]);
  const withLogprob = plain.responses.map((response) => ({ ...response, logprob: -1 }));
  expect(lossIn("trl-dpo", { ...plain, responses: withLogprob })).toEqual(["responses.logprob"]);
});

test("ranks that a format cannot say are named", () => {
  const responses = plain.responses.map((response, rank) => ({ ...response, rank }));
  expect(lossIn("trl-dpo", { ...plain, responses })).toEqual([]);
  expect(lossIn("trl-kto", { ...plain, responses })).toEqual(["responses.rank"]);
  expect(lossIn("lmops-contextual", plain)).toEqual(["responses.rank"]);
});

test("an unranked list leaves nothing in pairs", () => {
  expect(lossIn("trl-dpo", { ...plain, responses: [{ text: "a" }, { text: "b" }] })).toEqual(["responses"]);
});
