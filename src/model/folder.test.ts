import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { tinyModel } from "../../test/tiny-model.ts";
import { countParameters, loadModel, saveModel } from "./folder.ts";
import { type TensorData, readSafetensors, writeSafetensors } from "./safetensors.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-folder-"));
const folder = join(root, "model");
const { raw: TINY_CONFIG, vocabulary: VOCABULARY } = tinyModel().config;
const EMBEDDING = "model.embed_tokens.weight";
afterAll(() => {
  rmSync(root, { recursive: true });
});

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  saveModel(tinyModel(), folder);
});

const file = (name: string): string => join(folder, name);

function editJson(name: string, edit: (content: Record<string, unknown>) => object): void {
  const content = JSON.parse(readFileSync(file(name), "utf8")) as Record<string, unknown>;
  writeFileSync(file(name), JSON.stringify(edit(content)));
}

function editWeights(edit: (tensors: Map<string, TensorData>) => void): void {
  const tensors = readSafetensors(file("model.safetensors"));
  edit(tensors);
  writeSafetensors(file("model.safetensors"), tensors);
}

function expectRefusal(code: string, message: string): void {
  expect(() => loadModel(folder)).toThrow(
    expect.objectContaining({ name: "UserError", code, message: expect.stringContaining(message) as string }),
  );
  expect(() => loadModel(folder), "says where").toThrow(folder);
}

describe("saving and loading", () => {
  test.each([true, false])("gives every parameter back, tied embeddings: %s", (tie) => {
    const model = tinyModel({ config: { tie_word_embeddings: tie } });
    saveModel(model, folder);
    const loaded = loadModel(folder);
    expect(new Map(loaded.parameters)).toEqual(new Map(model.parameters));
    expect(loaded.eosIds).toEqual([2]);
    expect(loaded.tokenizer.encode("a:ab")).toEqual(model.tokenizer.encode("a:ab"));
    expect(countParameters(loaded)).toBe([...model.parameters.values()].flatMap((each) => [...each]).length);
  });

  test("keeps what config.json said, but for the number format", () => {
    saveModel(tinyModel({ config: { dtype: "bfloat16", transformers_version: "5.0.0" } }), folder);
    expect(JSON.parse(readFileSync(file("config.json"), "utf8"))).toEqual({
      ...TINY_CONFIG,
      transformers_version: "5.0.0",
      torch_dtype: "float32",
    });
  });

  test("new models differ by seed, and not otherwise; norms start at 1", () => {
    const [one, same, other] = [tinyModel(), tinyModel(), tinyModel({ seed: 2 })];
    expect(same.parameters).toEqual(one.parameters);
    expect(other.parameters.get("layers.0.query")).not.toEqual(one.parameters.get("layers.0.query"));
    expect([...one.parameters.get("norm")!]).toEqual(Array.from({ length: 8 }, () => 1));
    const embedding = one.parameters.get("embedding")!;
    expect(Math.hypot(...embedding) / Math.sqrt(embedding.length)).toBeCloseTo(0.3, 1);
  });
});

describe("what ends a response", () => {
  test("the tokenizer's token first, then those of config.json", () => {
    editJson("config.json", (config) => ({ ...config, eos_token_id: [0, 2] }));
    expect(loadModel(folder).eosIds).toEqual([2, 0]);
  });

  test("config.json alone, where there is no tokenizer_config.json", () => {
    rmSync(file("tokenizer_config.json"));
    expect(loadModel(folder).eosIds).toEqual([2]);
  });

  test("nothing does", () => {
    rmSync(file("tokenizer_config.json"));
    editJson("config.json", (config) => ({ ...config, eos_token_id: null }));
    expectRefusal("eos-missing", "nothing says what ends a response. Set eos_token_id");
  });

  test("the tokenizer appends it itself", () => {
    const processor = {
      type: "TemplateProcessing",
      single: [{ Sequence: { id: "A", type_id: 0 } }, { SpecialToken: { id: "</s>", type_id: 0 } }],
      pair: [],
      special_tokens: { "</s>": { id: "</s>", ids: [2], tokens: ["</s>"] } },
    };
    editJson("tokenizer.json", (content) => ({ ...content, post_processor: processor }));
    expectRefusal("tokenizer-appends-eos", "appends EOS to every text, prompts included. Save");
  });
});

describe("folders whose parts do not fit are refused with the reason", () => {
  test("no folder", () => {
    const missing = join(root, "absent");
    expect(() => loadModel(missing)).toThrow(`${missing}: no such folder. Give a Hugging Face model folder`);
    expect(() => loadModel(file("config.json"))).toThrow("no such folder");
  });

  test.each(["config.json", "tokenizer.json"])("no %s", (name) => {
    rmSync(file(name));
    expectRefusal("model-file-missing", `${name}: cannot be read (ENOENT`);
  });

  test("no weights", () => {
    rmSync(file("model.safetensors"));
    expectRefusal("weights-missing", "expected model.safetensors or model.safetensors.index.json");
  });

  test("a damaged config.json", () => {
    writeFileSync(file("config.json"), "{");
    expectRefusal("json-broken", "config.json: expected JSON");
  });

  test("more tokens than the embedding has rows", () => {
    editJson("config.json", (config) => ({ ...config, vocab_size: 32 }));
    expectRefusal("vocabulary-mismatch", `the tokenizer has ${VOCABULARY} tokens, but vocab_size is 32`);
  });

  test("a missing tensor", () => {
    editWeights((tensors) => tensors.delete("model.layers.1.mlp.up_proj.weight"));
    expectRefusal("model-misfit", 'the weights lack "model.layers.1.mlp.up_proj.weight". The configuration');
  });

  test("an untied model without its output matrix", () => {
    editJson("config.json", (config) => ({ ...config, tie_word_embeddings: false }));
    expectRefusal("model-misfit", 'the weights lack "lm_head.weight"');
  });

  test("a wrong shape", () => {
    editWeights((tensors) => tensors.set("model.norm.weight", { shape: [4], data: new Float32Array(4) }));
    expectRefusal("model-misfit", '"model.norm.weight" has shape [4], config.json asks for [8]');
  });

  test("the transpose of a shape", () => {
    editWeights((tensors) => {
      const { data } = tensors.get(EMBEDDING)!;
      tensors.set(EMBEDDING, { shape: [8, VOCABULARY], data });
    });
    expectRefusal(
      "model-misfit",
      `"${EMBEDDING}" has shape [8, ${VOCABULARY}], config.json asks for [${VOCABULARY}, 8]`,
    );
  });

  test("an extra tensor, such as the bias of another family", () => {
    const bias = "model.layers.0.self_attn.q_proj.bias";
    editWeights((tensors) => tensors.set(bias, { shape: [8], data: new Float32Array(8) }));
    expectRefusal(
      "model-misfit",
      `the weights hold a tensor that config.json does not explain, such as "${bias}"`,
    );
  });

  test("a layer more than config.json says", () => {
    editJson("config.json", (config) => ({ ...config, num_hidden_layers: 1 }));
    expectRefusal("model-misfit", "the weights hold 9 tensors that config.json does not explain");
  });
});

describe("tensors that say nothing new are passed over", () => {
  test("computed rotary frequencies", () => {
    const name = "model.layers.0.self_attn.rotary_emb.inv_freq";
    editWeights((tensors) => tensors.set(name, { shape: [2], data: Float32Array.of(1, 0.01) }));
    expect(loadModel(folder).parameters.size).toBe(20);
  });

  test("the projection of tied embeddings, stored as well", () => {
    editWeights((tensors) => tensors.set("lm_head.weight", tensors.get(EMBEDDING)!));
    expect(loadModel(folder).parameters.has("output")).toBe(false);
  });

  test("but not when it is another matrix", () => {
    editWeights((tensors) => {
      const { shape, data } = tensors.get(EMBEDDING)!;
      tensors.set("lm_head.weight", { shape, data: data.map((value, i) => (i === 5 ? value + 1 : value)) });
    });
    expectRefusal("model-misfit", 'config.json ties the embeddings, but "lm_head.weight" differs');
  });
});

describe("weights in shards", () => {
  const INDEX = "model.safetensors.index.json";

  /** Two shards; the first half of the tensors in the first. */
  function writeShards(): Record<string, string> {
    const tensors = [...readSafetensors(file("model.safetensors"))];
    const shards = [tensors.slice(0, 7), tensors.slice(7)];
    const weightMap: Record<string, string> = {};
    for (const [number, shard] of shards.entries()) {
      const name = `model-${number + 1}-of-2.safetensors`;
      writeSafetensors(file(name), new Map(shard));
      for (const [tensor] of shard) weightMap[tensor] = name;
    }
    rmSync(file("model.safetensors"));
    writeIndex(weightMap);
    return weightMap;
  }

  function writeIndex(weightMap: unknown): void {
    writeFileSync(file(INDEX), JSON.stringify({ metadata: {}, weight_map: weightMap }));
  }

  test("are read as one", () => {
    const whole = loadModel(folder);
    writeShards();
    expect(new Map(loadModel(folder).parameters)).toEqual(new Map(whole.parameters));
  });

  test("do not count beside a single file, as after saving over them", () => {
    writeShards();
    const retrained = tinyModel({ seed: 2 });
    saveModel(retrained, folder);
    expect(new Map(loadModel(folder).parameters)).toEqual(new Map(retrained.parameters));
  });

  test("a missing shard", () => {
    writeShards();
    rmSync(file("model-2-of-2.safetensors"));
    expectRefusal("shard-index-broken", "the shard model-2-of-2.safetensors is missing. Download");
  });

  test("an index that names a tensor which its shard lacks", () => {
    writeIndex({ ...writeShards(), "model.extra.weight": "model-1-of-2.safetensors" });
    expectRefusal("shard-index-broken", 'model-1-of-2.safetensors lacks "model.extra.weight"');
  });

  test("a tensor in two shards", () => {
    writeShards();
    const first = readSafetensors(file("model-1-of-2.safetensors"));
    const second = readSafetensors(file("model-2-of-2.safetensors"));
    writeSafetensors(
      file("model-2-of-2.safetensors"),
      new Map([...second, [EMBEDDING, first.get(EMBEDDING)!]]),
    );
    expectRefusal(
      "shard-index-broken",
      `"${EMBEDDING}" stands in model-2-of-2.safetensors, but the index places it model-1-of-2`,
    );
  });

  test("a tensor that the index does not name", () => {
    const { [EMBEDDING]: _, ...rest } = writeShards();
    writeIndex(rest);
    expectRefusal("shard-index-broken", "but the index places it nowhere");
  });

  test.each([
    "../outside.safetensors",
    "/tmp/x.safetensors",
    "a/b.safetensors",
    "..",
    "a\\b.safetensors",
    "",
    "config.json",
  ])("what is no shard of the folder: %j", (shard) => {
    mkdirSync(file("a"), { recursive: true });
    writeSafetensors(join(root, "outside.safetensors"), new Map());
    writeIndex({ ...writeShards(), [EMBEDDING]: shard });
    expectRefusal("shard-index-broken", "shards are *.safetensors files of the same folder");
  });

  test.each([[null], [{ [EMBEDDING]: 3 }]])("an index of another shape: %j", (weightMap) => {
    writeShards();
    writeIndex(weightMap);
    expectRefusal("shard-index-broken", 'expected a "weight_map" from tensor names to file names');
  });
});
