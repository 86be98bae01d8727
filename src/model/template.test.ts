import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { hasShared, readShared, sharedPath } from "../../test/shared.ts";
import { tinyTokenizer } from "../../test/tiny-model.ts";
import { encodePair } from "../data/encode.ts";
import { promptOf } from "./template.ts";
import { createTokenizer } from "./tokenizer.ts";

interface GoldenRow {
  instruction: string;
  input: string;
  output: string;
  prompt: string;
  prompt_len: number;
  input_ids: number[];
  labels: number[];
}

describe.skipIf(!hasShared)("golden_alpaca_encoding.json", () => {
  const rows = hasShared
    ? readShared<{ cases: GoldenRow[] }>("llama2c/golden_alpaca_encoding.json").cases
    : [];
  const read = (name: string): string => readFileSync(sharedPath(`llama-tokenizer/${name}`), "utf8");
  const tokenizer = hasShared
    ? createTokenizer({ tokenizer: read("tokenizer.json"), config: read("tokenizer_config.json") }, "")
    : undefined!;

  test.each(rows)("$instruction", (row) => {
    const prompt = promptOf("alpaca", row);
    expect(prompt).toBe(row.prompt);
    const { ids, labelStart } = encodePair(
      tokenizer,
      { prompt, response: row.output },
      { maxLength: 512, eosId: 2 },
    );
    expect(ids).toEqual(row.input_ids);
    expect(labelStart).toBe(row.prompt_len);
    expect(ids.map((id, position) => (position < labelStart ? -100 : id))).toEqual(row.labels);
  });

  test("there are 24 rows, with and without an input", () => {
    expect(rows).toHaveLength(24);
    expect(new Set(rows.map(({ input }) => input === "")).size).toBe(2);
  });
});

test("a token that joins the prompt's end and the response's start counts as prompt", () => {
  const tokenizer = createTokenizer(tinyTokenizer("ab:)"), "");
  const apart = encodePair(tokenizer, { prompt: "b:", response: "a" }, { maxLength: 64, eosId: 2 });
  expect(apart).toMatchObject({ ids: [1, 5, 6, 4, 2], labelStart: 3 });
  const joined = encodePair(tokenizer, { prompt: "b:", response: ")a" }, { maxLength: 64, eosId: 2 });
  expect(joined).toMatchObject({ ids: [1, 5, 3, 4, 2], labelStart: 3 });
});

test("template none: the instruction, and the input on a line of its own", () => {
  expect(promptOf("none", { instruction: "Say hi." })).toBe("Say hi.");
  expect(promptOf("none", { instruction: "Add.", input: "1 2" })).toBe("Add.\n1 2");
});
