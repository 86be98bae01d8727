/** Makes a ranking model of a language model: one score, where the projection to the vocabulary was. */
import { randomStream } from "../random.ts";
import { parseConfig } from "./config.ts";
import type { Model } from "./folder.ts";
import { parameterShapes } from "./parameters.ts";

/**
 * The same body; the score's weight [1, width] is new and random, from the seed. Its `config.json` is that of the family's
 * `...ForSequenceClassification` in `transformers`, with one label.
 */
export function withRankingHead(model: Model, seed: number): Model {
  const raw = {
    ...model.config.raw,
    architectures: [classifierOf(model.config.raw["architectures"], model.config.family)],
    id2label: { 0: "score" },
    label2id: { score: 0 },
  };
  const config = parseConfig(raw, "config.json");
  const random = randomStream(seed, "initialize", "score");
  const score = Float32Array.from({ length: config.width }, () => random.normal() * config.initializerRange);
  const values = new Map(model.parameters).set("score", score);
  const parameters = new Map([...parameterShapes(config).keys()].map((name) => [name, values.get(name)!]));
  return { ...model, config, parameters };
}

/** `LlamaForCausalLM` -> `LlamaForSequenceClassification`, `GPT2LMHeadModel` -> `GPT2ForSequenceClassification`. */
function classifierOf(architectures: unknown, family: string): string {
  const [named] = Array.isArray(architectures) ? (architectures as unknown[]) : [];
  const base =
    typeof named === "string"
      ? named.replace(/(ForCausalLM|LMHeadModel|ForConditionalGeneration)$/, "")
      : family;
  return `${base}ForSequenceClassification`;
}
