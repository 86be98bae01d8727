/** A BERT of a few thousand random parameters as a Hugging Face folder, for tests that need no data and no trained model. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TensorData, writeSafetensors } from "../src/model/index.ts";
import { randomStream } from "../src/random.ts";

const SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"];
const LETTERS = Array.from("abcdefghijklmnopqrstuvwxyz0123456789.,世界");
const VOCABULARY = [...SPECIAL, ...LETTERS, ...LETTERS.map((letter) => `##${letter}`)];
const [WIDTH, MLP_WIDTH, POSITIONS, LAYERS] = [8, 12, 24, 3];

export interface TinyEncoderOptions {
  /** Over the defaults, by their names in `config.json`. */
  config?: Record<string, unknown>;
  /** Before the names of tensors. */
  prefix?: string;
  /** Over the random tensors, by Hugging Face's names without the prefix; undefined leaves one out. */
  tensors?: Record<string, TensorData | undefined>;
}

/** Returns the folder. */
export function writeTinyEncoder(folder: string, options: TinyEncoderOptions = {}): string {
  mkdirSync(folder, { recursive: true });
  const config = {
    model_type: "bert",
    hidden_size: WIDTH,
    intermediate_size: MLP_WIDTH,
    num_hidden_layers: LAYERS,
    num_attention_heads: 2,
    vocab_size: VOCABULARY.length,
    max_position_embeddings: POSITIONS,
    type_vocab_size: 2,
    ...options.config,
  };
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(tokenizer()));
  const given = Object.entries({ ...randomTensors(), ...options.tensors });
  const tensors = given.flatMap(([name, tensor]) =>
    tensor === undefined ? [] : [[`${options.prefix ?? ""}${name}`, tensor] as const],
  );
  writeSafetensors(join(folder, "model.safetensors"), new Map(tensors));
  return folder;
}

function randomTensors(): Record<string, TensorData> {
  const [D, F] = [WIDTH, MLP_WIDTH];
  const shapes: [name: string, shape: number[]][] = [
    ["embeddings.word_embeddings.weight", [VOCABULARY.length, D]],
    ["embeddings.position_embeddings.weight", [POSITIONS, D]],
    ["embeddings.token_type_embeddings.weight", [2, D]],
    ...affine("embeddings.LayerNorm", [D]),
  ];
  for (let layer = 0; layer < LAYERS; layer++) {
    const at = `encoder.layer.${layer}`;
    shapes.push(
      ...["query", "key", "value"].flatMap((name) => affine(`${at}.attention.self.${name}`, [D, D])),
      ...affine(`${at}.attention.output.dense`, [D, D]),
      ...affine(`${at}.attention.output.LayerNorm`, [D]),
      ...affine(`${at}.intermediate.dense`, [F, D]),
      ...affine(`${at}.output.dense`, [D, F]),
      ...affine(`${at}.output.LayerNorm`, [D]),
    );
  }
  return Object.fromEntries(shapes.map(([name, shape]) => [name, randomTensor(name, shape)]));
}

function affine(name: string, shape: number[]): [string, number[]][] {
  return [
    [`${name}.weight`, shape],
    [`${name}.bias`, [shape[0]!]],
  ];
}

function randomTensor(name: string, shape: readonly number[]): TensorData {
  const random = randomStream("tiny-encoder", name);
  const length = shape.reduce((size, each) => size * each, 1);
  const mean = name.endsWith("LayerNorm.weight") ? 1 : 0;
  return { shape, data: Float32Array.from({ length }, () => mean + random.normal() * 0.4) };
}

function tokenizer(): object {
  const token = (content: string, id: number): object => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  const special = (id: string, typeId = 0): object => ({ SpecialToken: { id, type_id: typeId } });
  const sequence = (id: string, typeId = 0): object => ({ Sequence: { id, type_id: typeId } });
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map(token),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [special("[CLS]"), sequence("A"), special("[SEP]")],
      pair: [special("[CLS]"), sequence("A"), special("[SEP]"), sequence("B", 1), special("[SEP]", 1)],
      special_tokens: Object.fromEntries(
        ["[CLS]", "[SEP]"].map((id) => [id, { id, ids: [SPECIAL.indexOf(id)], tokens: [id] }]),
      ),
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(VOCABULARY.map((each, id) => [each, id])),
    },
  };
}
