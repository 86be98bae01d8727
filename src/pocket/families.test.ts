import { describe, expect, it } from "vitest";
import { randomStream } from "../random.ts";
import { FAMILIES, HELD_OUT_FAMILIES, TRAINED_FAMILIES } from "./families.ts";
import type { Family } from "./family.ts";
import type { Detail } from "./quality.ts";
import { recogniseTask } from "./rubric.ts";
import type { Slots } from "./template.ts";

const DRAWS = 150;

function drawItems(family: Family): Slots[] {
  const stream = randomStream("families test", family.name);
  return Array.from({ length: DRAWS }, () => family.draw(stream));
}

it("has both kinds, several with an input, and one held-out family of each kind", () => {
  expect(TRAINED_FAMILIES.length).toBeGreaterThanOrEqual(14);
  expect(HELD_OUT_FAMILIES.map(({ kind }) => kind).toSorted()).toEqual(["closed", "open"]);
  expect(new Set(FAMILIES.map(({ name }) => name)).size).toBe(FAMILIES.length);
});

describe.each(FAMILIES.map((family) => [family.name, family] as const))("%s", (name, family) => {
  const items = drawItems(family);
  const stream = randomStream("families test", name, "texts");
  const respond = (item: Slots, detail: Detail, isRight: boolean): string =>
    family.respond(item, { detail, isRight }, stream);

  it("recognises its own requests, and no other family does", () => {
    for (const item of items) {
      const task = family.render(item, stream);
      const recognised = recogniseTask(task);
      expect(recognised?.family.name).toBe(name);
      expect(item).toMatchObject(recognised!.item);
      expect(family.reference(recognised!.item)).toBe(family.reference(item));
      const claimants = FAMILIES.filter((other) => other.recognise(task) !== undefined);
      expect(claimants).toEqual([family]);
    }
  });

  it("does not recognise a request with a word changed or text around it", () => {
    const { instruction, input } = family.render(items[0]!, stream);
    expect(family.recognise({ instruction: `${instruction} Be brief.`, input })).toBeUndefined();
    expect(family.recognise({ instruction: instruction.replace(/\w+/, "Xyz"), input })).toBeUndefined();
    expect(family.recognise({ instruction, input: `${input} and more` })).toBeUndefined();
  });

  it("grades references at the top, terse right ones in the middle and wrong ones lower", () => {
    for (const item of items) {
      const total = (text: string): number => family.grade(item, text).total;
      expect(total(family.reference(item))).toBeGreaterThanOrEqual(14);
      const terse = total(respond(item, "terse", true));
      expect(terse).toBeGreaterThanOrEqual(9);
      expect(terse).toBeLessThanOrEqual(12);
      for (const detail of ["terse", "plain", "full"] as const) {
        const [right, wrong] = [total(respond(item, detail, true)), total(respond(item, detail, false))];
        expect(right).toBeGreaterThan(family.kind === "closed" ? 10 : 8);
        expect(wrong).toBeLessThan(family.kind === "closed" ? 6 : 14);
      }
      for (const text of ["", "Lorem ipsum dolor.", "rank: [0]"]) expect(total(text)).toBeLessThanOrEqual(5);
    }
  });

  it("gives every criterion 0 to 5", () => {
    const texts = [family.reference(items[0]!), "", "x. ".repeat(50), respond(items[0]!, "full", false)];
    for (const text of texts) {
      const { criteria, total } = family.grade(items[0]!, text);
      expect(Object.keys(criteria).toSorted()).toEqual(
        family.kind === "open" ? ["accuracy", "detail", "relevance"] : ["accuracy", "clarity", "detail"],
      );
      for (const points of Object.values(criteria)) expect([0, 1, 2, 3, 4, 5]).toContain(points);
      expect(total).toBe(Object.values(criteria).reduce((sum, points) => sum + points, 0));
    }
  });
});

describe.each(
  FAMILIES.filter((family) => family.kind === "closed").map((family) => [family.name, family] as const),
)("answers to %s", (name, family) => {
  const items = drawItems(family);
  const stream = randomStream("families test", name, "answers");

  it("are correct where right and wrong where wrong, at every level of detail", () => {
    for (const item of items) {
      expect(family.isCorrect(item, family.reference(item))).toBe(true);
      for (const detail of ["terse", "plain", "full"] as const) {
        expect(family.isCorrect(item, family.respond(item, { detail, isRight: true }, stream))).toBe(true);
        expect(family.isCorrect(item, family.respond(item, { detail, isRight: false }, stream))).toBe(false);
      }
    }
  });

  it("are wrong where there are two at once", () => {
    for (const item of items) {
      const right = family.respond(item, { detail: "terse", isRight: true }, stream);
      const wrong = family.respond(item, { detail: "terse", isRight: false }, stream);
      expect(family.isCorrect(item, `${right} ${wrong}`)).toBe(false);
    }
  });

  it("repeat the crowd's mistake, where there is one", () => {
    for (const item of items.filter((each) => family.hasCrowdMistake(each))) {
      const answers = [1, 2, 3, 4].map((seed) =>
        family.respond(item, { detail: "terse", isRight: false }, randomStream("crowd test", seed)),
      );
      expect(new Set(answers).size).toBe(1);
    }
  });
});

describe("the crowd's mistakes", () => {
  it.each(TRAINED_FAMILIES.map((family) => [family.name, family] as const))(
    "are about some items of %s and not about most",
    (_, family) => {
      const items = drawItems(family);
      const mistaken = items.filter((item) => family.hasCrowdMistake(item));
      expect(mistaken.length).toBeGreaterThan(0.08 * DRAWS);
      expect(mistaken.length).toBeLessThan(0.6 * DRAWS);
    },
  );
});
