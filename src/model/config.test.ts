import { describe, expect, test } from "vitest";
import { tinyModel } from "../../test/tiny-model.ts";
import { parseConfig } from "./config.ts";

const TINY_CONFIG = tinyModel().config.raw;

function refusalOf(changes: object): () => unknown {
  return () => parseConfig({ ...TINY_CONFIG, ...changes }, "folder/config.json");
}

describe("what is accepted", () => {
  test("sizes in our words, defaults as in transformers", () => {
    const config = parseConfig(TINY_CONFIG, "config.json");
    expect(config).toMatchObject({
      family: "llama",
      width: 8,
      mlpWidth: 12,
      heads: 4,
      kvHeads: 2,
      headSize: 2,
      maxPositions: 256,
      norm: { kind: "rms", epsilon: 1e-6, weightOffset: 0 },
      tiedEmbeddings: true,
      bosId: 1,
      eosIds: [2],
    });
    expect(config.layers).toEqual([1, 2].map(() => ({ frequencies: [1], window: undefined })));
    expect(config.raw).toEqual(TINY_CONFIG);
  });

  test("as many key heads as query heads where nothing else is said", () => {
    const { num_key_value_heads: _, ...rest } = TINY_CONFIG;
    expect(parseConfig(rest, "").kvHeads).toBe(4);
    expect(parseConfig({ ...rest, num_key_value_heads: null }, "").kvHeads).toBe(4);
  });

  test("a head size of its own, several end tokens, and both spellings of rotary settings", () => {
    expect(parseConfig({ ...TINY_CONFIG, head_dim: 6 }, "").headSize).toBe(6);
    expect(parseConfig({ ...TINY_CONFIG, eos_token_id: [2, 0] }, "").eosIds).toEqual([2, 0]);
    expect(parseConfig({ ...TINY_CONFIG, eos_token_id: null }, "").eosIds).toEqual([]);
    const frequencies = (changes: object) =>
      parseConfig({ ...TINY_CONFIG, head_dim: 4, ...changes }, "").layers[0]!.frequencies;
    expect(frequencies({ rope_theta: 400 })).toEqual([1, 1 / 20]);
    expect(frequencies({ rope_parameters: { rope_type: "default", rope_theta: 100 } })).toEqual([1, 1 / 10]);
    expect(frequencies({ rope_scaling: { type: "linear", factor: 2 } })).toEqual([1 / 2, 1 / 200]);
  });

  test("settings at the value that changes nothing, unknown keys that are null, descriptions", () => {
    const neutral = {
      attention_bias: false,
      mlp_bias: false,
      rope_scaling: null,
      rope_interleaved: false,
      sliding_window: null,
      hidden_act: "silu",
      pretraining_tp: 1,
      attention_dropout: 0,
      is_encoder_decoder: false,
    };
    const descriptions = {
      torch_dtype: "bfloat16",
      transformers_version: "4.40.1",
      is_llama_config: true,
      "transformers.js_config": { dtype: "q4" },
    };
    expect(refusalOf({ ...neutral, ...descriptions })).not.toThrow();
  });
});

describe("what is refused, by name", () => {
  test.each([
    [{ model_type: "bert" }, '"model_type": "bert" is not supported (Tuna computes llama, mistral'],
    [{ model_type: undefined }, '"model_type" is missing'],
    [{ hidden_act: "gelu" }, '"hidden_act": "gelu" is not supported'],
    [{ attention_bias: 1 }, '"attention_bias": 1 is not supported'],
    [{ rope_interleaved: true }, '"rope_interleaved": true is not supported'],
    [{ attention_dropout: 0.1 }, '"attention_dropout": 0.1 is not supported'],
    [
      { rope_scaling: { type: "yarn", factor: 2 } },
      '"rope_scaling": {"type":"yarn","factor":2} is not supported',
    ],
    [
      { rope_parameters: { rope_type: "llama3", rope_theta: 1, factor: 8 } },
      '"rope_parameters": {"rope_type":"llama3","rope_theta":1,"factor":8} is not supported',
    ],
    [{ sliding_window: 4096 }, 'unsupported setting "sliding_window": 4096'],
    [{ use_rms_norm: false }, 'unsupported setting "use_rms_norm": false'],
    [{ is_encoder_decoder: true }, 'unsupported setting "is_encoder_decoder": true'],
    [
      { quantization_config: { bits: 4 }, logit_scale: 2 },
      'unsupported settings "quantization_config": {"bits":4}, "logit_scale": 2',
    ],
    [{ hidden_size: undefined }, '"hidden_size" is missing'],
    [{ num_hidden_layers: 0 }, '"num_hidden_layers": 0 is not supported'],
    [{ vocab_size: 1.5 }, '"vocab_size": 1.5 is not supported'],
    [{ hidden_size: 9 }, "the head size 2.25 (hidden_size 9 over 4 heads) must be an even integer"],
    [{ hidden_size: 12 }, "the head size 3 (hidden_size 12 over 4 heads) must be an even integer"],
    [{ head_dim: 5 }, "the head size 5"],
    [{ num_key_value_heads: 3 }, "num_attention_heads 4 must be a multiple of num_key_value_heads 3"],
    [{ eos_token_id: 99 }, "bos_token_id or eos_token_id 99 is no token: vocab_size is"],
    [{ eos_token_id: [2, 99] }, "bos_token_id or eos_token_id 99 is no token"],
    [{ bos_token_id: -1 }, '"bos_token_id": -1 is not supported'],
  ])("%j", (changes, message) => {
    expect(refusalOf(changes)).toThrow(
      expect.objectContaining({
        name: "UserError",
        code: "config-unsupported",
        message: expect.stringContaining(`folder/config.json: ${message}`) as string,
      }),
    );
    expect(refusalOf(changes)).toThrow(/correct the file, or choose another model\.$/);
  });

  test.each([[[]], [null], ["llama"], [undefined]])("not an object: %j", (raw) => {
    expect(() => parseConfig(raw, "config.json")).toThrow("config.json: expected a JSON object, came");
  });
});
