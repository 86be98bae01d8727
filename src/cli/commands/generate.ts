/** `tuna generate`: the raw continuation of a prompt. */
import { z } from "zod";
import { Generator } from "../../generate/generator.ts";
import { loadModel } from "../../model/index.ts";
import { fields } from "../../recipe/fields.ts";
import { resolveModelFolder } from "../../recipe/model-folder.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  name: "generate",
  summary: "Continue a prompt; the text goes to stdout.",
  examples: [
    'tuna generate --model runs/sft --prompt "Once upon a time"',
    'tuna generate --model runs/sft --prompt "Once upon a time" --temperature 1 --top-p 0.9 --seed 3 --json',
  ],
  options: z.strictObject({
    model: fields.model,
    prompt: z
      .string()
      .meta({ placeholder: "TEXT" })
      .describe("Taken as it is; no template is put around it."),
    maxTokens: z.number().int().positive().default(256).describe("Longest continuation, in tokens."),
    temperature: z.number().nonnegative().default(0).describe("0 takes the most likely token each time."),
    topP: z.number().gt(0).max(1).default(1).describe("Nucleus sampling; 1 keeps all tokens."),
    topK: z.number().int().nonnegative().default(0).describe("Keep the k most likely tokens; 0 keeps all."),
    stop: z
      .array(z.string())
      .default([])
      .meta({ placeholder: "TEXT" })
      .describe("End before the first of these."),
    seed: fields.seed,
    threads: fields.threads,
    device: fields.device,
  }),
  async run({ model: path, prompt, temperature, threads, device, ...options }, io) {
    const model = loadModel(await resolveModelFolder(path, io));
    const generator = await Generator.open(model, { threads, device });
    const request = { key: "prompt", prompt, count: 1, temperature };
    const [generations] = await generator.generate([request], { ...options, signal: io.signal });
    await generator.close();
    const { text, tokenIds, tokenLogprobs, finish } = generations![0]!;
    io.result({ text, tokenIds, tokenLogprobs, finish }, text);
  },
});
