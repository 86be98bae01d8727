/** Long work in this room ends when its signal is aborted, between two calls of the session. */
import { expect, test } from "vitest";
import { tinyModel } from "../../test/tiny-model.ts";
import { encodePair } from "../data/encode.ts";
import { encodePrompts } from "./encode-prompts.ts";
import { Generator } from "./generator.ts";
import { Scorer } from "./score.ts";

const model = tinyModel({ config: { hidden_size: 32 } });
const aborted = expect.objectContaining({ name: "AbortError" }) as Error;

test("generation stops between two tokens", async () => {
  const generator = await Generator.open(model);
  const controller = new AbortController();
  // Fires in the event loop, as signals of the process do.
  setTimeout(() => controller.abort(), 5);
  const requests = [{ key: "a", prompt: "ask:", count: 128, temperature: 1 }];
  const options = { maxTokens: 250, seed: 0, stop: [], topP: 1, topK: 0, signal: controller.signal };
  await expect(generator.generate(requests, options)).rejects.toThrow(aborted);
  const usable = await generator.generate(requests, {
    ...options,
    maxTokens: 1,
    signal: new AbortController().signal,
  });
  expect(usable[0]).toHaveLength(128);
  await generator.close();
});

test("reading prompts stops between two of them", async () => {
  const controller = new AbortController();
  const prompts = Array.from({ length: 5000 }, (_, index) => ({ key: String(index), prompt: "ask:" }));
  let done = 0;
  const onProgress = (count: number): void => {
    done = count;
    if (count === 100) setImmediate(() => controller.abort());
  };
  await expect(encodePrompts(prompts, model, { onProgress, signal: controller.signal })).rejects.toThrow(
    aborted,
  );
  expect(done).toBeLessThan(300);
});

test("scoring stops between two batches", async () => {
  const scorer = await Scorer.open(model);
  const controller = new AbortController();
  const pair = { prompt: "ask:", response: "an answer that is some sixty characters long, more or less so" };
  const sequence = encodePair(model.tokenizer, pair, { maxLength: 100, eosId: 2 });
  let done = 0;
  const progress = (count: number): void => {
    done = count;
    controller.abort();
  };
  const groups = Array.from({ length: 500 }, () => [sequence]);
  await expect(scorer.score(groups, progress, controller.signal)).rejects.toThrow(aborted);
  expect(done).toBeGreaterThan(0);
  expect(done).toBeLessThan(500);
  await scorer.close();
});
