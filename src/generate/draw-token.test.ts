import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type RandomStream, randomStream } from "../random.ts";
import {
  type DrawOptions,
  type DrawnToken,
  type NextToken,
  drawToken as drawFrom,
  cutsOff,
  drawQuantile,
  inverseTemperature,
} from "./draw-token.ts";

const logits = Float32Array.of(1, -0.5, 2, 0, 1.5, -3, 0.25, 2);
const all: DrawOptions = { temperature: 1, topP: 1, topK: 0 };

const softmax = (values: readonly number[]): number[] => {
  const max = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - max));
  const total = powers.reduce((sum, value) => sum + value, 0);
  return powers.map((value) => value / total);
};

function drawToken(values: Float32Array, options: DrawOptions, random: RandomStream): DrawnToken {
  return drawFrom(nextToken(values, options.temperature, random), options);
}

/** As the graph does it, in float32. */
function nextToken(values: Float32Array, temperature: number, random: RandomStream): NextToken {
  const tempered = Array.from(values, (value) => value * inverseTemperature(temperature));
  const probabilities = Float32Array.from(softmax(tempered));
  const [largest, largestUntempered] = [Math.max(...probabilities), Math.max(...softmax([...values]))];
  const quantile = drawQuantile(temperature, random);
  return { probabilities, first: 0, before: 0, quantile, largest, largestUntempered };
}

/** The three tokens that hold the quantile: what the graph gives where nothing is cut off. */
function chunkOf(next: NextToken): NextToken {
  const cumulative = [...next.probabilities].map((_, id) => massOf(next.probabilities.subarray(0, id + 1)));
  const id =
    next.quantile < 0
      ? next.probabilities.indexOf(next.largest)
      : cumulative.findIndex((each) => each > next.quantile);
  const first = id - (id % 3);
  const before = next.quantile < 0 ? 0 : massOf(next.probabilities.subarray(0, first));
  return { ...next, first, before, probabilities: next.probabilities.slice(first, first + 3) };
}

const massOf = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);

/** The distribution by its definition: sorted, cut, renormalised. */
function expectedShares({ temperature, topP, topK }: DrawOptions): number[] {
  const shares = softmax(Array.from(logits, (value) => value / temperature));
  const order = [...shares.keys()].toSorted((a, b) => shares[b]! - shares[a]!);
  const inTopK = order.slice(0, topK > 0 ? topK : undefined);
  const total = inTopK.reduce((sum, id) => sum + shares[id]!, 0);
  const kept: number[] = [];
  for (const id of inTopK) {
    if (kept.length > 0 && kept.reduce((sum, each) => sum + shares[each]!, 0) >= topP * total) break;
    kept.push(id);
  }
  const mass = kept.reduce((sum, id) => sum + shares[id]!, 0);
  return shares.map((share, id) => (kept.includes(id) ? share / mass : 0));
}

const DRAWS = 20_000;
/** Chi-square with 7 degrees of freedom exceeds this once in a million. */
const CHI_SQUARE_LIMIT = 40.5;

describe("the distribution", () => {
  test.each([
    [all],
    [{ ...all, temperature: 0.5 }],
    [{ ...all, temperature: 2.5 }],
    [{ ...all, topK: 3 }],
    [{ ...all, topK: 1 }],
    [{ ...all, topK: 100 }],
    [{ ...all, topP: 0.6 }],
    [{ ...all, topP: 0.95 }],
    [{ ...all, topP: 1e-9 }],
    [{ temperature: 1.7, topP: 0.8, topK: 5 }],
    [{ temperature: 0.3, topP: 0.99, topK: 2 }],
  ])("%j", (options) => {
    const random = randomStream("draw", JSON.stringify(options));
    const counts = logits.map(() => 0);
    for (let draw = 0; draw < DRAWS; draw++) counts[drawToken(logits, options, random).id]!++;
    const expected = expectedShares(options).map((share) => share * DRAWS);
    expect([...counts].filter((_, id) => expected[id] === 0).every((count) => count === 0)).toBe(true);
    const terms = expected.map((count, id) => (count === 0 ? 0 : (counts[id]! - count) ** 2 / count));
    expect(terms.reduce((sum, term) => sum + term, 0)).toBeLessThan(CHI_SQUARE_LIMIT);
  });

  test("a vocabulary of 32 000 with top-p draws from the nucleus only", () => {
    const random = randomStream("large");
    const large = Float32Array.from({ length: 32_000 }, () => 3 * random.normal());
    const shares = softmax([...large]);
    const order = [...shares.keys()].toSorted((a, b) => shares[b]! - shares[a]!);
    let [mass, size] = [0, 0];
    while (mass < 0.9) mass += shares[order[size++]!]!;
    const nucleus = new Set(order.slice(0, size));
    const next = nextToken(large, 1, random);
    const drawn = Array.from(
      { length: 300 },
      () => drawFrom({ ...next, quantile: random.float() }, { ...all, topP: 0.9 }).id,
    );
    expect(drawn.every((id) => nucleus.has(id))).toBe(true);
    expect(new Set(drawn).size).toBeGreaterThan(100);
  });
});

describe("the most likely token", () => {
  test.each([
    ["temperature 0", { ...all, temperature: 0 }],
    ["a temperature of almost 0", { ...all, temperature: 1e-300 }],
    ["top-k 1", { ...all, topK: 1 }],
  ])("%s takes it; the first of equals at temperature 0", (_, options) => {
    const { id } = drawToken(logits, options, randomStream("best"));
    expect([2, 7]).toContain(id);
    expect(drawToken(Float32Array.of(1, 5, 5, 2), { ...all, temperature: 0 }, randomStream(0)).id).toBe(1);
  });
});

test("a chunk of the vocabulary is enough where nothing is cut off", () => {
  const random = randomStream("chunks");
  for (let draw = 0; draw < 500; draw++) {
    const options = { ...all, temperature: draw % 5 === 0 ? 0 : 1.3 };
    const next = nextToken(logits, options.temperature, random);
    expect(drawFrom(chunkOf(next), options)).toEqual(drawFrom(next, options));
  }
  expect(cutsOff(all)).toBe(false);
  expect([cutsOff({ ...all, topP: 0.9 }), cutsOff({ ...all, topK: 3 })]).toEqual([true, true]);
});

test("the log-probability is the model's own, whatever temperature and cuts did", () => {
  fc.assert(
    fc.property(
      fc.array(fc.float({ min: -30, max: 30, noNaN: true }), { minLength: 1, maxLength: 12 }),
      fc.record({
        temperature: fc.double({ min: 0, max: 3, noNaN: true }),
        topP: fc.double({ min: 0.01, max: 1, noNaN: true }),
        topK: fc.nat(5),
      }),
      fc.nat(),
      (values, options, seed) => {
        const { id, logprob } = drawToken(Float32Array.from(values), options, randomStream(seed));
        expect(logprob).toBeCloseTo(Math.log(softmax(values)[id]!), 4);
      },
    ),
  );
});

describe("logits that are not finite", () => {
  const random = randomStream("odd");

  test("-Infinity rules a token out", () => {
    const masked = Float32Array.of(-Infinity, 1, -Infinity, 1.5);
    const drawn = Array.from({ length: 200 }, () => drawToken(masked, all, random));
    expect(new Set(drawn.map(({ id }) => id))).toEqual(new Set([1, 3]));
    expect(drawn.every(({ logprob }) => Number.isFinite(logprob))).toBe(true);
    expect(drawToken(masked, { ...all, topK: 4 }, random).id % 2).toBe(1);
  });

  test.each([[[Number.NaN, 1, 2]], [[1, 2, Number.NaN]], [[1, Infinity, 2]], [[-Infinity, -Infinity]]])(
    "%j is an error, never token 0",
    (values) => {
      for (const temperature of [0, 1]) {
        expect(() => drawToken(Float32Array.from(values), { ...all, temperature }, random)).toThrow(
          expect.objectContaining({ code: "logits-not-finite" }) as Error,
        );
      }
    },
  );
});
