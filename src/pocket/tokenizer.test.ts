import { Tokenizer } from "@huggingface/tokenizers";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { makePlainText } from "./plain-text.ts";
import { makeTokenizer, pocketVocabulary } from "./tokenizer.ts";
import { makeWorld } from "./world.ts";

const { tokenizer: files, config } = makeTokenizer();
const tokenizer = new Tokenizer(files, config);
const decode = (ids: number[]): string =>
  tokenizer.decode(ids, { skip_special_tokens: true, clean_up_tokenization_spaces: false });
const unknown = tokenizer.token_to_id("<unk>")!;
const [begin, beginWithInput] = pocketVocabulary() as [string, string];
const alpaca = (instruction: string, input: string): string =>
  input === ""
    ? `${begin}${instruction}\n\n### Response:`
    : `${beginWithInput}${instruction}\n\n### Input:\n${input}\n\n### Response:`;

describe("the pocket tokenizer", () => {
  const world = makeWorld({ seed: 11 });
  const rows = [...world.train, ...world.teacherTrain, ...world.heldOut, ...world.heldOutFamilies];

  it("gives every text of the world back, without an unknown token", () => {
    for (const { instruction, input, output } of rows) {
      const text = alpaca(instruction, input) + output;
      const { ids } = tokenizer.encode(text);
      expect(ids[0]).toBe(tokenizer.token_to_id("<s>"));
      expect(ids).not.toContain(unknown);
      expect(decode(ids)).toBe(text);
    }
  });

  it("covers plain text", () => {
    for (const text of makePlainText({ seed: 5, count: 500 })) {
      const { ids } = tokenizer.encode(text);
      expect(ids).not.toContain(unknown);
      expect(decode(ids)).toBe(text);
    }
  });

  it("splits at the boundary of prompt and response, so that both are encoded alike apart and together", () => {
    for (const { instruction, input, output } of rows.slice(0, 300)) {
      const prompt = tokenizer.encode(alpaca(instruction, input)).ids;
      const response = tokenizer.encode(output, { add_special_tokens: false }).ids;
      expect(tokenizer.encode(alpaca(instruction, input) + output).ids).toEqual([...prompt, ...response]);
    }
  });

  it("keeps the template to two or three tokens, and all of it below a thousand", () => {
    expect(tokenizer.encode(alpaca("", ""), { add_special_tokens: false }).ids).toHaveLength(2);
    expect(tokenizer.encode(alpaca("", ""), { add_special_tokens: false }).ids).not.toContain(unknown);
    expect(tokenizer.get_vocab().size).toBeLessThanOrEqual(1000);
  });

  it("has its special tokens first and all ids in a row", () => {
    const model = files.model as { vocab: Record<string, number> };
    expect(Object.keys(model.vocab).slice(0, 4)).toEqual(["<unk>", "<s>", "</s>", "<pad>"]);
    expect(Object.values(model.vocab)).toEqual(Object.keys(model.vocab).map((_, id) => id));
  });

  it("makes any other word unknown and goes on", () => {
    const { tokens } = tokenizer.encode("What is the opposite of zyx?", { add_special_tokens: false });
    expect(tokens.at(-2)).toBe(" zyx");
    expect(tokenizer.encode("zyx", { add_special_tokens: false }).ids).toEqual([unknown]);
  });
});

const GOLDEN = new URL("../../../shared/data/llama2c/golden_alpaca_encoding.json", import.meta.url);

describe.skipIf(!existsSync(GOLDEN))("the Alpaca template (skipped without ../shared)", () => {
  it("is the one of the golden prompts", () => {
    const { cases } = JSON.parse(readFileSync(GOLDEN, "utf8")) as {
      cases: { instruction: string; input: string; prompt: string }[];
    };
    for (const { instruction, input, prompt } of cases) expect(alpaca(instruction, input)).toBe(prompt);
  });
});
