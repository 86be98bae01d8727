import { describe, expect, it } from "vitest";
import type { InstructionRow } from "../data/record.ts";
import { HELD_OUT_FAMILIES, TRAINED_FAMILIES } from "./families.ts";
import { CROWD_MISTAKE_SHARE, ORIGINAL_RATES, TEACHER_RATES, type QualityRates } from "./quality.ts";
import { gradeResponse, isCorrectResponse, recogniseTask } from "./rubric.ts";
import { makeWorld } from "./world.ts";

const world = makeWorld({ seed: 7 });
const sets = Object.entries(world) as [keyof typeof world, InstructionRow[]][];
const keys = (rows: readonly InstructionRow[]): Set<string> =>
  new Set(rows.map(({ instruction, input }) => JSON.stringify([instruction, input])));

describe("makeWorld", () => {
  it("repeats itself from its seed, and differs for another", () => {
    const small = { trainRows: 60, teacherRows: 60, heldOutRows: 20, heldOutFamilyRows: 10, rankPrompts: 10 };
    expect(makeWorld({ seed: 3, ...small })).toEqual(makeWorld({ seed: 3, ...small }));
    expect(makeWorld({ seed: 3, ...small })).not.toEqual(makeWorld({ seed: 4, ...small }));
  });

  it("has the sizes asked for", () => {
    expect(Object.fromEntries(sets.map(([name, rows]) => [name, rows.length]))).toEqual({
      train: 3000,
      teacherTrain: 6000,
      rankPrompts: 1000,
      heldOut: 200,
      heldOutFamilies: 100,
    });
  });

  it("holds out: no evaluated request is in a training set", () => {
    const trained = keys([...world.train, ...world.teacherTrain]);
    for (const key of keys([...world.heldOut, ...world.heldOutFamilies])) expect(trained).not.toContain(key);
    expect(keys(world.heldOut).size).toBe(world.heldOut.length);
    expect(keys(world.heldOutFamilies).size).toBe(world.heldOutFamilies.length);
    expect(keys(world.train).size).toBe(world.train.length);
  });

  it("takes rows of all families alike, ids naming them", () => {
    const families = new Map<string, number>();
    for (const row of world.train) {
      const { family } = recogniseTask(row)!;
      expect(row.id).toMatch(new RegExp(`^${family.name}-\\d+$`));
      families.set(family.name, (families.get(family.name) ?? 0) + 1);
    }
    expect([...families.keys()].toSorted()).toEqual(TRAINED_FAMILIES.map(({ name }) => name).toSorted());
    expect(Math.max(...families.values()) - Math.min(...families.values())).toBeLessThanOrEqual(1);
    const heldOutNames = HELD_OUT_FAMILIES.map(({ name }) => name);
    for (const row of world.heldOutFamilies) expect(heldOutNames).toContain(recogniseTask(row)!.family.name);
  });

  it("gives ids once, but for the rank prompts, which are rows of train", () => {
    const rows = [...world.train, ...world.teacherTrain, ...world.heldOut, ...world.heldOutFamilies];
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    for (const row of world.rankPrompts) expect(world.train).toContain(row);
    expect(keys(world.rankPrompts).size).toBe(world.rankPrompts.length);
  });

  it("answers held-out requests with references", () => {
    for (const row of [...world.heldOut, ...world.heldOutFamilies]) {
      expect(gradeResponse(recogniseTask(row)!, row.output).total).toBeGreaterThanOrEqual(14);
    }
  });

  it("says so when more is held out than a family has", () => {
    expect(() => makeWorld({ seed: 1, heldOutRows: 10_000, trainRows: 19, teacherRows: 19 })).toThrow(
      /held-out rows/,
    );
  });
});

describe.each([
  ["train", ORIGINAL_RATES],
  ["teacherTrain", TEACHER_RATES],
] as const)("%s", (name, rates: QualityRates) => {
  const rows = world[name].map((row) => ({ row, recognised: recogniseTask(row)! }));
  const closed = rows.filter(({ recognised }) => recognised.family.kind === "closed");
  const wrongShare = (withCrowdMistake: boolean): number => {
    const chosen = closed.filter(
      ({ recognised: { family, item } }) => family.hasCrowdMistake(item) === withCrowdMistake,
    );
    return (
      chosen.filter(({ row, recognised }) => !isCorrectResponse(recognised, row.output)).length /
      chosen.length
    );
  };

  it("is wrong as often as quality.ts says", () => {
    expect(wrongShare(true)).toBeCloseTo(rates.wrongWhereCrowdErrs, 1);
    expect(wrongShare(false)).toBeCloseTo(rates.wrongElsewhere, 1);
  });

  it("is as terse as quality.ts says", () => {
    const isOneSentence = ({ row }: (typeof rows)[number]): boolean => !/[.!?] /.test(row.output);
    // A plain close-ended answer is one full sentence half of the time.
    const expected = rates.detail.terse + rates.detail.plain / 2;
    expect(Math.abs(closed.filter(isOneSentence).length / closed.length - expected)).toBeLessThan(0.04);
  });

  it("meets crowd mistakes about as often as quality.ts says", () => {
    const met =
      closed.filter(({ recognised: { family, item } }) => family.hasCrowdMistake(item)).length /
      closed.length;
    expect(Math.abs(met - CROWD_MISTAKE_SHARE)).toBeLessThan(0.08);
  });
});
