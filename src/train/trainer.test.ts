import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { tinyModel } from "../../test/tiny-model.ts";
import type { Example } from "../data/example.ts";
import { type Model, loadModel } from "../model/index.ts";
import { randomStream } from "../random.ts";
import type { StepEvent, TrainEvent } from "./events.ts";
import { PRESETS } from "./objective.ts";
import { RANKING_DEFAULTS, type TrainSettings } from "./settings.ts";
import { type TrainOptions, train } from "./trainer.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-trainer-"));
afterAll(() => {
  rmSync(root, { recursive: true });
});
const newFolder = (): string => mkdtempSync(join(root, "run-"));

/** Random words; lengths vary from example to example. */
function makeExamples(count: number, longest = 12): Example[] {
  const random = randomStream("examples");
  const text = (): string =>
    Array.from({ length: 1 + random.integer(longest) }, () => random.pick("abcdef ".split(""))).join("");
  return Array.from({ length: count }, (_, index) => ({
    id: `row-${index}`,
    prompt: `${text()}:`,
    original: text(),
    candidates: Array.from({ length: random.integer(4) }, (_unused, level) => ({ text: text(), level })),
  }));
}

const settings: TrainSettings = {
  ...RANKING_DEFAULTS,
  learningRate: 0.01,
  epochs: 2,
  batchSize: 3,
  saveEvery: 2,
  objective: PRESETS.paper,
};
const examples = makeExamples(10);
/** Four steps an epoch, the last of one example. */
const TOTAL_STEPS = 8;

interface Run {
  outcome: string;
  model: Model;
  folder: string;
  events: TrainEvent[];
  /** The last value of each step, timings left out. */
  steps: Map<number, Omit<StepEvent, "tokensPerSecond">>;
}

async function run(options: Partial<TrainOptions> & { steps?: Run["steps"] } = {}): Promise<Run> {
  const { steps = new Map(), model = tinyModel(), runFolder: folder = newFolder(), ...others } = options;
  const events: TrainEvent[] = [];
  const emit = (event: TrainEvent): void => {
    events.push(event);
    if (event.event === "step") {
      const { tokensPerSecond: _, ...exact } = event;
      steps.set(event.step, exact);
    }
    others.emit?.(event);
  };
  const outcome = await train({ model, examples, settings, ...others, runFolder: folder, emit });
  return { outcome, model, folder, events, steps };
}

const named = (events: readonly TrainEvent[], name: TrainEvent["event"]) =>
  events.filter(({ event }) => event === name);

describe("resuming", () => {
  const whole = run();

  test.each([0, 1, 2, 5, 7])(
    "interrupted in step %i: the same losses and weights, to the last bit",
    async (stop) => {
      const controller = new AbortController();
      const first = await run({
        signal: controller.signal,
        emit(event) {
          const isBefore =
            event.event === "step" ? event.step === stop - 1 : stop === 0 && event.event === "start";
          // Not at once, so that the next step is under way.
          if (isBefore) setImmediate(() => controller.abort());
        },
      });
      expect(first.outcome).toBe("interrupted");
      expect([...first.steps.keys()]).toEqual([...Array(stop).keys()]);
      const checkpoint = join(first.folder, `checkpoints/step-00000${stop}`);
      expect(named(first.events, "interrupted")).toMatchObject([{ step: stop, path: checkpoint }]);

      const second = await run({ runFolder: first.folder, steps: first.steps });
      expect(second.outcome).toBe("finished");
      expect(named(second.events, "resume")).toEqual([{ event: "resume", step: stop }]);
      expect(second.steps).toEqual((await whole).steps);
      expect(second.model.parameters).toEqual((await whole).model.parameters);
    },
  );

  test("a process that dies loses at most the steps since its last checkpoint", async () => {
    const folder = newFolder();
    const steps: Run["steps"] = new Map();
    for (const fatal of [2, 3, 6]) {
      const dying = run({
        runFolder: folder,
        steps,
        emit(event) {
          if (event.event === "step" && event.step === fatal) throw new Error("killed");
        },
      });
      await expect(dying).rejects.toThrow("killed");
    }
    const last = await run({ runFolder: folder, steps });
    expect(named(last.events, "resume")).toMatchObject([{ step: 6 }]);
    expect(steps).toEqual((await whole).steps);
    expect(last.model.parameters).toEqual((await whole).model.parameters);
  });

  test("an abort before the first step leaves nothing behind", async () => {
    const folder = newFolder();
    const aborted = run({ runFolder: folder, signal: AbortSignal.abort() });
    await expect(aborted).rejects.toThrow(expect.objectContaining({ name: "AbortError" }) as Error);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("the run itself: every example once an epoch, in another order each", async () => {
    const { outcome, events, steps } = await whole;
    expect(outcome).toBe("finished");
    expect([...steps.keys()]).toEqual([...Array(TOTAL_STEPS).keys()]);
    expect([...steps.values()].map(({ epoch }) => epoch)).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    expect(named(events, "checkpoint").map((event) => "step" in event && event.step)).toEqual([2, 4, 6]);
    expect(steps.get(0)).toMatchObject({ learningRate: 0, totalSteps: TOTAL_STEPS });
    const tokens = [...steps.values()].map((step) => step.tokens);
    expect(sum(tokens.slice(0, 4))).toBe(sum(tokens.slice(4)));
    expect(tokens.slice(0, 4)).not.toEqual(tokens.slice(4));
    expect(steps.get(7)!.loss).toBeLessThan(steps.get(3)!.loss);
  });
});

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe("determinism", () => {
  test("equal seeds repeat a run; another seed is another order", async () => {
    const short = { ...settings, epochs: 1 };
    const [first, same, other] = [
      await run({ settings: short }),
      await run({ settings: short }),
      await run({ settings: { ...short, seed: 1 } }),
    ];
    expect(same.steps).toEqual(first.steps);
    expect(same.model.parameters).toEqual(first.model.parameters);
    expect([...other.steps.values()].map(({ tokens }) => tokens)).not.toEqual(
      [...first.steps.values()].map(({ tokens }) => tokens),
    );
  });

  test("gradients accumulated over micro-batches are those of the whole batch", async () => {
    const whole = await run({ settings: { ...settings, batchSize: 10, epochs: 3 } });
    const split = await run({ settings: { ...settings, batchSize: 10, epochs: 3, microBatchTokens: 1 } });
    for (const [step, { loss, gradientNorm, pairAccuracy, tokens }] of whole.steps) {
      expect(split.steps.get(step)!.loss).toBeCloseTo(loss, 4);
      expect(split.steps.get(step)!.gradientNorm).toBeCloseTo(gradientNorm, 3);
      expect(split.steps.get(step)).toMatchObject({ pairAccuracy, tokens });
    }
  });
});

describe("a loss that is no number", () => {
  test("stops the run with the examples of the batch, and nothing updated", async () => {
    const model = tinyModel();
    model.parameters.get("layers.1.up")![3] = Number.NaN;
    const before = structuredClone(model.parameters);
    const folder = newFolder();
    const ids = examples.map(({ id }) => id);
    await expect(run({ model, runFolder: folder, settings: { ...settings, batchSize: 99 } })).rejects.toThrow(
      expect.objectContaining({
        code: "non-finite-loss",
        message: expect.stringMatching(/^Step 0: the loss is NaN.*row-\d.*checkpoint: none/) as string,
        facts: expect.objectContaining({ ids: expect.arrayContaining(ids) as unknown }) as unknown,
      }) as Error,
    );
    expect(model.parameters).toEqual(before);
    expect(existsSync(join(folder, "checkpoints"))).toBe(false);
  });

  test("names the checkpoint before the one that diverged, and leaves it as it is", async () => {
    const folder = newFolder();
    const diverging = run({ runFolder: folder, settings: { ...settings, learningRate: 1e30, saveEvery: 1 } });
    // Step 0 warms up at a rate of 0, step 1 throws the weights away, step 2 sees it.
    const good = join(folder, "checkpoints/step-000001");
    await expect(diverging).rejects.toThrow(
      expect.objectContaining({
        code: "non-finite-loss",
        message: expect.stringContaining(`Last good checkpoint: ${good}.`) as string,
      }) as Error,
    );
    expect(loadModel(good).parameters).toEqual(tinyModel().parameters);
  });
});

describe("data that cannot be learnt from", () => {
  const one: Example = { id: "a", prompt: "ask:", original: undefined, candidates: [] };

  test.each([
    [[{ ...one, prompt: "a".repeat(600), original: "b" }], "no-examples"],
    [[{ ...one, candidates: [{ text: "only", level: 0 }] }], "nothing-to-learn"],
    [[{ ...one, candidates: ["x", "y"].map((text) => ({ text, level: 0 })) }], "nothing-to-learn"],
  ])("%j: %s", async (data, code) => {
    await expect(run({ examples: data })).rejects.toThrow(expect.objectContaining({ code }) as Error);
  });

  test("the reason is named, and each where there are two", async () => {
    const long = { ...one, prompt: "a".repeat(600), original: "b" };
    await expect(run({ examples: [one, one] })).rejects.toThrow(
      "Nothing to train on: 2 examples without a response that the objective uses: add responses",
    );
    await expect(run({ examples: [long] })).rejects.toThrow(
      "Nothing to train on: 1 prompt of 256 tokens or more, which is the whole window: raise",
    );
    await expect(run({ examples: [long, one] })).rejects.toThrow(/1 prompt of .*; 1 example without a /);
  });

  test("dropped examples are told before the first step, and no loss is NaN", async () => {
    const examplesOfEach = [
      { ...one, id: "bare" },
      { ...one, original: "b" },
      { ...one, prompt: "a".repeat(600), id: "long", original: "b" },
    ];
    const { events } = await run({ examples: examplesOfEach });
    expect(named(events, "start")[0]).toMatchObject({
      data: { examples: 1, withoutResponses: ["bare"], promptFillsWindow: ["long"] },
    });
    const losses = events.flatMap((event) => (event.event === "step" ? [event.loss] : []));
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(losses).toHaveLength(2);
  });

  test("the run folder is not made ready for it", async () => {
    let prepared = 0;
    const prepareFolder = (): void => void prepared++;
    await expect(run({ examples: [one], prepareFolder })).rejects.toThrow("Nothing to train on");
    expect(prepared).toBe(0);
    await run({
      prepareFolder,
      emit: ({ event }) => expect(prepared).toBe(event === "preparing" ? 0 : 1),
    });
  });

  test("sequences longer than the model's window are cut to it", async () => {
    const long = [{ ...one, original: "b".repeat(600) }];
    const { events } = await run({ examples: long, settings: { ...settings, maxLength: 10_000, epochs: 1 } });
    expect(named(events, "start")[0]).toMatchObject({
      data: { truncatedResponses: 1, responseTokens: 256 - 5 },
    });
  });
});

test("the speed to expect comes from the machine's rate; the end tells the measured one", async () => {
  const speeds = async (options: Partial<TrainOptions>) => {
    const { events } = await run({ settings: { ...settings, epochs: 1 }, ...options });
    const [start, end] = [named(events, "start")[0], events.at(-1)];
    return [start, end].map((event) => ({ expectedTokensPerSecond: null, tokensPerSecond: 0, ...event }));
  };
  const [start, end] = await speeds({ measureRate: () => Promise.resolve(1e9) });
  const [twice] = await speeds({ measureRate: () => Promise.resolve(2e9) });
  expect(start!.expectedTokensPerSecond).toBeGreaterThan(0);
  expect(twice!.expectedTokensPerSecond).toBeCloseTo(2 * start!.expectedTokensPerSecond!, 6);
  expect(end!.tokensPerSecond).toBeGreaterThan(0);
  expect((await speeds({}))[0]!.expectedTokensPerSecond).toBe(null);
});

test("memory is flat: 400 steps of varying shapes add less than 40 MB", { timeout: 60_000 }, async () => {
  // One set of weights is 260 kB, so that keeping any of a step's buffers would add 100 MB.
  const config = { hidden_size: 32, vocab_size: 2000, intermediate_size: 32, num_hidden_layers: 1 };
  const rss: number[] = [];
  await run({
    model: tinyModel({ config }),
    examples: makeExamples(500, 40),
    settings: { ...settings, batchSize: 1, epochs: 1, saveEvery: 1000 },
    emit: ({ event }) => event === "step" && rss.push(process.memoryUsage.rss()),
  });
  expect(rss).toHaveLength(500);
  const growth = (median(rss.slice(480)) - median(rss.slice(90, 110))) / 1e6;
  expect(growth, "MB").toBeLessThan(40);
});

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
