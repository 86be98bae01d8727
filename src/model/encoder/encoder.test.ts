/** Which folders are encoders, and what is refused by name; the hidden states are compared with `transformers` in `test/python`. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TinyEncoderOptions, writeTinyEncoder } from "../../../test/tiny-encoder.ts";
import type { TensorData } from "../safetensors.ts";
import { encoderBatch } from "./encoder-batch.ts";
import { longestText, parseEncoderConfig } from "./encoder-config.ts";
import { type Encoder, loadEncoder } from "./encoder.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tuna-encoder-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let count = 0;
function load(options: TinyEncoderOptions): Encoder {
  return loadEncoder(writeTinyEncoder(join(folder, String(count++)), options));
}

const some: TensorData = { shape: [8], data: new Float32Array(8) };

test("heads, buffers, prefixes and the old names of norms leave the parameters as they are", () => {
  const plain = load({}).parameters(3);
  const norm = { shape: [8], data: plain.get("layers.1.mlpNorm")! };
  const other = load({
    prefix: "bert.",
    tensors: {
      "encoder.layer.1.output.LayerNorm.weight": undefined,
      "encoder.layer.1.output.LayerNorm.gamma": norm,
      "embeddings.position_ids": some,
      "pooler.dense.bias": some,
    },
  });
  expect(other.parameters(3)).toEqual(plain);
  expect([...other.parameters(1).keys()].filter((name) => name.startsWith("layers.1"))).toEqual([]);
});

test.each([
  [
    "without a tensor",
    { "encoder.layer.0.output.dense.bias": undefined },
    /lack "encoder.layer.0.output.dense.bias"/,
  ],
  ["in another shape", { "embeddings.LayerNorm.bias": { shape: [2, 4], data: some.data } }, /shape \[2, 4\]/],
  [
    "with a part that is not computed",
    { "encoder.layer.0.attention.self.distance_embedding.weight": some },
    /distance_embedding/,
  ],
  ["with a layer too many", { "encoder.layer.3.output.dense.bias": some }, /encoder.layer.3/],
  ["without embeddings", { "embeddings.word_embeddings.weight": undefined }, /found 0/],
  ["of two encoders", { "other.embeddings.word_embeddings.weight": some }, /found 2/],
])("weights %s are refused", (_, tensors: Record<string, TensorData | undefined>, message) => {
  expect(() => load({ tensors }).parameters(1)).toThrow(message);
});

test.each([
  [
    "another family",
    { model_type: "llama" },
    /"model_type": "llama".*encoders that Tuna computes: bert, roberta/,
  ],
  ["no family", { model_type: "toString" }, /"model_type": "toString"/],
  ["a decoder", { is_decoder: true }, /"is_decoder": true/],
  ["relative positions", { position_embedding_type: "relative_key" }, /position_embedding_type/],
  ["an unknown key", { rope_theta: 1e4 }, /unsupported setting "rope_theta"/],
  ["an unknown activation", { hidden_act: "swish" }, /"hidden_act": "swish"/],
  ["heads that do not fit", { num_attention_heads: 3 }, /multiple of num_attention_heads/],
  ["fewer tokens than the tokenizer", { vocab_size: 9 }, /they are of different models/],
])("%s is refused", (_, config: Record<string, unknown>, message) => {
  expect(() => load({ config })).toThrow(message);
});

test("no folder", () => {
  expect(() => loadEncoder(join(folder, "none"))).toThrow(/no such folder/);
});

test("RoBERTa's positions begin behind that of padding, and pass over padding in a text", () => {
  const sizes = {
    hidden_size: 4,
    intermediate_size: 4,
    num_hidden_layers: 1,
    num_attention_heads: 1,
    vocab_size: 9,
    max_position_embeddings: 14,
    type_vocab_size: 1,
  };
  const roberta = parseEncoderConfig({ ...sizes, model_type: "roberta" }, "config.json");
  const bert = parseEncoderConfig({ ...sizes, model_type: "bert" }, "config.json");
  expect([longestText(roberta), longestText(bert)]).toEqual([12, 14]);
  const texts = [
    [0, 5, 2],
    [0, 1, 6, 7, 2],
  ];
  expect([...encoderBatch(texts, roberta).positions.data]).toEqual([2, 3, 4, 1, 1, 2, 1, 3, 4, 5]);
  expect([...encoderBatch(texts, bert).positions.data]).toEqual([0, 1, 2, 0, 0, 0, 1, 2, 3, 4]);
});
