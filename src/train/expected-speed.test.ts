import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tinyModel } from "../../test/tiny-model.ts";
import { parameterShapes } from "../model/index.ts";
import type { EncodedExample } from "./encode-examples.ts";
import { EFFICIENCY, expectedTokensPerSecond } from "./expected-speed.ts";
import { PRESETS, planObjective } from "./objective.ts";
import type { PlannedRun } from "./planned-batch.ts";
import { measureProductRate } from "./product-rate.ts";
import { RANKING_DEFAULTS } from "./settings.ts";
import { TrainingStep } from "./step.ts";

const WIDTHS = { hidden_size: 64, intermediate_size: 256, num_hidden_layers: 4, vocab_size: 1000 };
const model = tinyModel({ config: WIDTHS });
const settings = { ...RANKING_DEFAULTS, objective: PRESETS.paper };

/** One response after a prompt of 4 tokens: as many trunk and branch tokens as ids, less the last. */
function example(id: string, length: number): EncodedExample {
  const sequence = { ids: Array.from({ length }, () => 3), labelStart: 4, truncated: false };
  const candidates = [{ level: 0, isOriginal: true, numTokens: length - 4 }];
  return { id, index: 0, sequences: [sequence], candidates, textLengths: [length] };
}

const run = (changes: Partial<PlannedRun> = {}): PlannedRun => ({
  model,
  steps: [[example("short", 6)], [example("long", 33)]],
  settings,
  ...changes,
});
const RATE = 1e9;
const speed = (planned: PlannedRun, recompute = false, rate = RATE) =>
  expectedTokensPerSecond(planned, { recompute, rate });

test.each([false, true])("the usual count of a run (recompute: %s)", (recompute) => {
  const sizes = [...parameterShapes(model.config)].map(([name, shape]) => [
    name,
    shape[0]! * (shape[1] ?? 0),
  ]);
  const total = (parts: typeof sizes) => parts.reduce((sum, [, size]) => sum + Number(size), 0);
  const body = total(sizes.filter(([name]) => String(name).startsWith("layers.")));
  const [tokens, labels] = [32, 29];
  // Six operations a parameter and token, eight where the way forward is computed again.
  const each = recompute ? 8 : 6;
  const linear = each * (body * tokens + 1000 * 64 * labels);
  const expected = (EFFICIENCY * RATE * tokens) / linear;
  // Attention comes on top, with sequences as short as these little, and the rows of two empty buckets.
  expect(speed(run(), recompute) / expected).toBeGreaterThan(0.88);
  expect(speed(run(), recompute) / expected).toBeLessThan(0.96);
});

test("goes with the machine's rate, and with the largest micro-batch", () => {
  expect(speed(run(), false, 2 * RATE)).toBeCloseTo(2 * speed(run()), 6);
  expect(speed(run())).toBe(speed(run({ steps: [[example("long", 33)]] })));
});

test("activations that are computed again cost a second way forward", () => {
  const ratio = speed(run()) / speed(run(), true);
  expect(ratio).toBeGreaterThan(1.1);
  expect(ratio).toBeLessThan(4 / 3);
});

test("a frozen model beside an adapter costs no gradients of its weights", () => {
  const lora = { rank: 2, alpha: 4, dropout: 0.1, targets: ["all-linear"] as [string] };
  const adapter = { settings: lora, base: undefined, parameters: new Map<string, Float32Array>() };
  const faster = speed(run({ model: { config: model.config, adapter } })) / speed(run());
  expect(faster).toBeGreaterThan(1.2);
  expect(faster).toBeLessThan(1.5);
});

test.each([false, true])(
  "the count is that of the products that ONNX Runtime runs (recompute: %s)",
  async (recompute) => {
    const folder = mkdtempSync(join(tmpdir(), "tuna-profile-"));
    const examples = [example("short", 6), example("long", 33)];
    const step = await TrainingStep.open(model, {
      maxTokens: 4096,
      recompute,
      profile: join(folder, "step"),
    });
    const plan = planObjective(
      examples.map(({ candidates }) => candidates),
      settings.objective,
    );
    const { numTokens } = await step.run(
      examples.map(({ sequences }) => sequences),
      plan,
    );
    await step.close();
    const [file] = readdirSync(folder);
    const flops = profiledFlops(readFileSync(join(folder, file!), "utf8"));
    rmSync(folder, { recursive: true });
    expect((EFFICIENCY * RATE * numTokens) / speed(run({ steps: [examples] }), recompute)).toBeCloseTo(
      flops,
      0,
    );
  },
);

test("the rate of this machine is a plausible one", async () => {
  const rate = await measureProductRate({ shape: { rows: 64, inner: 64, columns: 64 }, repeats: 2 });
  expect(rate).toBeGreaterThan(1e6);
  expect(rate).toBeLessThan(1e15);
});

interface ProfileEvent {
  cat: string;
  args: { op_name: string } & Record<"input_type_shape" | "output_type_shape", Record<string, number[]>[]>;
}

/** Of a product, the left side has rows x inner values, and the result rows x columns. */
function profiledFlops(profile: string): number {
  const products = (JSON.parse(profile) as ProfileEvent[]).filter(
    ({ cat, args }) => cat === "Node" && ["Gemm", "MatMul", "FusedMatMul"].includes(args.op_name),
  );
  const shapeOf = (value: Record<string, number[]> | undefined): number[] => Object.values(value!)[0]!;
  return products.reduce((total, { args }) => {
    const left = shapeOf(args.input_type_shape[0]).reduce((size, length) => size * length, 1);
    return total + 2 * left * shapeOf(args.output_type_shape[0]).at(-1)!;
  }, 0);
}
