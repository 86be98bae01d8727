/**
 * `node write-gguf.js MODEL FILE f32|f16`: a model of the Llama family as a GGUF file, the format of llama.cpp: a header with metadata, the tensors' names and
 * places, then their bytes. https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { loadModel, storedTensors } from "../../dist/model/index.js";
import { report } from "../ours/report.js";

/** Codes of GGUF's value types and tensor types. */
const VALUE = { uint32: 4, int32: 5, float32: 6, string: 8, array: 9 };
const TENSOR = { f32: 0, f16: 1 };
const ALIGNMENT = 32;
const TOKEN_TYPE = { normal: 1, byte: 6 };
/** llama.cpp wants a token for each byte; these stand after <unk>, <s> and </s>. */
const FIRST_BYTE = 3;

const TENSOR_NAMES = [
  [/^model\.embed_tokens/, "token_embd"],
  [/^model\.norm/, "output_norm"],
  [/^lm_head/, "output"],
  [/^model\.layers\.(\d+)\.input_layernorm/, "blk.$1.attn_norm"],
  [/^model\.layers\.(\d+)\.self_attn\.([qkv])_proj/, "blk.$1.attn_$2"],
  [/^model\.layers\.(\d+)\.self_attn\.o_proj/, "blk.$1.attn_output"],
  [/^model\.layers\.(\d+)\.post_attention_layernorm/, "blk.$1.ffn_norm"],
  [/^model\.layers\.(\d+)\.mlp\.(gate|up|down)_proj/, "blk.$1.ffn_$2"],
];

const [folder, path, precision] = process.argv.slice(2);
writeGguf(loadModel(folder));
report({ path });

/** `precision` is what matrices are stored as. The vocabulary is made up: only ids are fed. */
function writeGguf(model) {
  const raw = model.config.raw;
  const tensors = [...storedTensors(model.config, model.parameters)].map(([name, tensor]) =>
    convert(name, tensor, raw),
  );
  const metadata = metadataOf(raw);
  const count = Buffer.concat([
    Buffer.from("GGUF"),
    uint32(3),
    uint64(tensors.length),
    uint64(metadata.length),
  ]);
  const header = Buffer.concat([count, ...metadata, ...directory(tensors)]);
  const file = openSync(path, "w");
  for (const part of [header, ...tensors.map(({ bytes }) => bytes)]) writeSync(file, aligned(part));
  closeSync(file);
}

function metadataOf(raw) {
  const number = (key, value) => entry(key, VALUE.uint32, uint32(value));
  const float = (key, value) => entry(key, VALUE.float32, float32(value));
  const text = (key, value) => entry(key, VALUE.string, string(value));
  const list = (key, valueType, values) =>
    entry(key, VALUE.array, Buffer.concat([uint32(valueType), uint64(values.length), ...values]));
  const ids = Array.from({ length: raw.vocab_size }, (_, id) => id);
  return [
    text("general.architecture", "llama"),
    number("general.file_type", TENSOR[precision]),
    number("llama.context_length", raw.max_position_embeddings),
    number("llama.embedding_length", raw.hidden_size),
    number("llama.block_count", raw.num_hidden_layers),
    number("llama.feed_forward_length", raw.intermediate_size),
    number("llama.attention.head_count", raw.num_attention_heads),
    number("llama.attention.head_count_kv", raw.num_key_value_heads),
    float("llama.attention.layer_norm_rms_epsilon", raw.rms_norm_eps),
    number("llama.rope.dimension_count", raw.hidden_size / raw.num_attention_heads),
    float("llama.rope.freq_base", raw.rope_theta ?? 10_000),
    number("llama.vocab_size", raw.vocab_size),
    text("tokenizer.ggml.model", "llama"),
    list(
      "tokenizer.ggml.tokens",
      VALUE.string,
      ids.map((id) => string(tokenText(id))),
    ),
    list(
      "tokenizer.ggml.scores",
      VALUE.float32,
      ids.map(() => float32(0)),
    ),
    list(
      "tokenizer.ggml.token_type",
      VALUE.int32,
      ids.map((id) => uint32(TOKEN_TYPE[isByte(id) ? "byte" : "normal"])),
    ),
    number("tokenizer.ggml.bos_token_id", 1),
    number("tokenizer.ggml.eos_token_id", raw.eos_token_id),
  ];
}

function tokenText(id) {
  if (!isByte(id)) return `<${id}>`;
  return `<0x${(id - FIRST_BYTE).toString(16).toUpperCase().padStart(2, "0")}>`;
}

function isByte(id) {
  return id >= FIRST_BYTE && id < FIRST_BYTE + 256;
}

/** GGUF names its axes from the innermost outwards; vectors stay float32. */
function convert(name, { shape, data }, raw) {
  const heads = { q_proj: raw.num_attention_heads, k_proj: raw.num_key_value_heads };
  const rotated = Object.entries(heads).find(([part]) => name.includes(part));
  const values = rotated === undefined ? data : interleaved(data, shape, rotated[1]);
  const stored = shape.length === 1 ? "f32" : precision;
  const [pattern, replacement] = TENSOR_NAMES.find(([each]) => each.test(name));
  return {
    name: name.replace(pattern, replacement),
    axes: shape.toReversed(),
    type: TENSOR[stored],
    bytes:
      stored === "f32" ? Buffer.from(values.buffer, values.byteOffset, values.byteLength) : toHalf(values),
  };
}

/** llama.cpp rotates neighbouring rows of a head, Hugging Face's layout rows half a head apart. */
function interleaved(data, [rows, columns], heads) {
  const half = rows / heads / 2;
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    const [head, within] = [Math.floor(row / (2 * half)), row % (2 * half)];
    const source = head * 2 * half + (within % 2) * half + Math.floor(within / 2);
    result.set(data.subarray(source * columns, (source + 1) * columns), row * columns);
  }
  return result;
}

function directory(tensors) {
  let offset = 0;
  return tensors.map(({ name, axes, type, bytes }) => {
    const place = uint64(offset);
    offset += aligned(bytes).length;
    return Buffer.concat([string(name), uint32(axes.length), ...axes.map(uint64), uint32(type), place]);
  });
}

/** To the nearest half-precision value; what is too small becomes 0. The weights are all far below the largest. */
function toHalf(values) {
  const bits = new Uint32Array(Float32Array.from(values).buffer);
  const halves = Uint16Array.from(bits, (word) => {
    const sign = (word >>> 16) & 0x8000;
    const magnitude = (word & 0x7fffffff) + 0x1000;
    return magnitude < 0x38800000 ? sign : sign | ((magnitude - 0x38000000) >>> 13);
  });
  return Buffer.from(halves.buffer);
}

function aligned(bytes) {
  return Buffer.concat([bytes, Buffer.alloc((ALIGNMENT - (bytes.length % ALIGNMENT)) % ALIGNMENT)]);
}

function entry(key, type, value) {
  return Buffer.concat([string(key), uint32(type), value]);
}

function string(value) {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function uint32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function float32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}
