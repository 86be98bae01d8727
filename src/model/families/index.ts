/** Every family that Tuna computes, by `model_type`. */
import type { Family } from "./family.ts";
import { gemma3 } from "./gemma3.ts";
import { gpt2 } from "./gpt2.ts";
import { llama } from "./llama.ts";
import { mistral } from "./mistral.ts";
import { opt } from "./opt.ts";
import { qwen2 } from "./qwen2.ts";
import { qwen3 } from "./qwen3.ts";
import { smollm3 } from "./smollm3.ts";
import { stablelm } from "./stablelm.ts";

export const families: ReadonlyMap<string, Family> = new Map(
  [llama, mistral, qwen2, qwen3, smollm3, stablelm, gemma3, gpt2, opt].map((family) => [
    family.modelType,
    family,
  ]),
);
