/** Joining, splitting, sampling and deduplicating. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isNewBy } from "./dedupe.ts";
import { type JoinTally, concatenate, mergeLists } from "./join.ts";
import { instructionsOf, listOf } from "./other-record.ts";
import type { Row } from "./read-rows.ts";
import type { RankedList } from "./record.ts";
import { type Choice, chooseRows } from "./sample-rows.ts";
import { assignParts, parseParts } from "./split.ts";

async function* stream<T>(rows: readonly T[]): AsyncGenerator<T> {
  for (const row of rows) yield row;
  await Promise.resolve();
}
async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const row of rows) read.push(row);
  return read;
}
const row = (id: string, instruction = id, output = "o"): Row => ({ id, instruction, input: "", output });
const list = (id: string, ...texts: [string, number?][]): RankedList => ({
  id,
  instruction: id,
  input: "",
  responses: texts.map(([text, rank]) => ({ text, ...(rank !== undefined && { rank }) })),
});

describe("join", () => {
  const tally = (): JoinTally => ({ renamed: 0, merged: 0, unranked: 0 });

  test("one after another, with ids that stay names", async () => {
    const counts = tally();
    const joined = concatenate(
      [stream([row("a"), row("b")]), stream([row("a"), row("a~2"), row("c")])],
      counts,
    );
    expect((await all(joined)).map(({ id }) => id)).toEqual(["a", "b", "a~2", "a~2~2", "c"]);
    expect(counts.renamed).toBe(2);
  });

  test("an id that every row has gets numbers in one pass", async () => {
    const many = Array.from({ length: 50_000 }, () => row("a"));
    const joined = await all(concatenate([stream(many)], tally()));
    expect(joined.at(-1)!.id).toBe("a~50000");
    expect(new Set(joined.map(({ id }) => id)).size).toBe(many.length);
  }, 5000);

  test("by instruction: what came before it counts", async () => {
    const turn = (id: string, said: string) => ({ ...row(id, "continue"), history: [[said, "b"]] });
    const rows = [turn("1", "x"), turn("2", "y"), turn("3", "x"), row("4", "continue")];
    const joined = await mergeLists([stream(rows)], "instruction", tally());
    expect(joined.map(({ id }) => id)).toEqual(["1", "2", "4"]);
  });

  test("by id: originals come to lists, and lists keep their ranks", async () => {
    const ranked = { ...list("a", ["x", 0], ["y", 1]), ranking: { method: "contextual" } };
    const joined = await mergeLists(
      [stream([ranked, list("b")]), stream([row("a", "a", "r")])],
      "id",
      tally(),
    );
    expect(joined).toEqual([{ ...ranked, original: "r" }, list("b")]);
  });

  test("by instruction: ranks of two rankings say nothing about each other", async () => {
    const counts = tally();
    const first = { ...list("a", ["x", 0], ["y", 1]), ranking: { method: "probabilistic" } };
    const second = { ...list("a", ["z", 0]), id: "other" };
    const [joined, ...more] = await mergeLists([stream([first]), stream([second])], "instruction", counts);
    expect(joined).toEqual(list("a", ["x"], ["y"], ["z"]));
    expect([more.length, counts]).toEqual([0, { renamed: 0, merged: 1, unranked: 1 }]);
  });

  test("an id with two instructions is refused", async () => {
    const joining = mergeLists([stream([row("a")]), stream([row("a", "else")])], "id", tally());
    await expect(joining).rejects.toThrow('Rows with the id "a" have different instructions');
  });
});

describe("split", () => {
  const shares = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 4 }).map((weights) => {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight, index) => ({ name: `part-${index}`, share: weight / total }));
  });
  const counts = fc.dictionary(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 5 }), { minKeys: 1 });

  test("every instruction lies in one part, and no part is off by more than its largest instruction", () => {
    fc.assert(
      fc.property(counts, shares, fc.nat(), (rows, parts, seed) => {
        const byKey = new Map(Object.entries(rows));
        const total = [...byKey.values()].reduce((sum, each) => sum + each, 0);
        const assigned = assignParts(byKey, parts, seed);
        expect([...assigned.keys()].toSorted()).toEqual([...byKey.keys()].toSorted());
        for (const { name, share } of parts) {
          const own = [...byKey].filter(([key]) => assigned.get(key) === name);
          const numRows = own.reduce((sum, [, each]) => sum + each, 0);
          expect(Math.abs(numRows - share * total)).toBeLessThanOrEqual(Math.max(...byKey.values()));
        }
        const shuffled = new Map([...byKey].toReversed());
        expect(assignParts(shuffled, parts, seed)).toEqual(assigned);
      }),
    );
  });

  test("seeds differ", () => {
    const byKey = new Map(Array.from({ length: 50 }, (_, index) => [String(index), 1] as const));
    const parts = parseParts(["a=0.5", "b=0.5"]);
    expect(assignParts(byKey, parts, 1)).not.toEqual(assignParts(byKey, parts, 2));
  });

  test.each([
    [["a=0.5", "b=0.6"], "the shares sum to 1.1, not to 1"],
    [["a=0.5", "a=0.5"], "two have the same name"],
    [["a=2", "b=-1"], '"a=2" is not NAME=SHARE'],
    [["../a=0.5", "b=0.5"], '"../a=0.5" is not NAME=SHARE'],
  ])("%j: %s", (texts, message) => {
    expect(() => parseParts(texts)).toThrow(message);
  });
});

describe("sample", () => {
  const numbers = Array.from({ length: 20 }, (_, index) => index);
  const choose = (choice: Partial<Choice>) =>
    all(chooseRows(stream(numbers), { skip: 0, seed: 0, ...choice }));

  test("first, skip and both are a part of the file in its order", async () => {
    expect(await choose({ first: 3 })).toEqual([0, 1, 2]);
    expect(await choose({ skip: 17 })).toEqual([17, 18, 19]);
    expect(await choose({ skip: 5, first: 2 })).toEqual([5, 6]);
    expect(await choose({ first: 50 })).toEqual(numbers);
  });

  test("at random: seeded, in order, each row as likely as another", async () => {
    expect(await choose({ random: 5, seed: 1 })).toEqual(await choose({ random: 5, seed: 1 }));
    const times = numbers.map(() => 0);
    for (let seed = 0; seed < 1000; seed++) {
      const drawn = await choose({ skip: 4, random: 4, seed });
      expect(drawn).toHaveLength(4);
      expect(drawn.toSorted((a, b) => a - b)).toEqual(drawn);
      for (const each of drawn) times[each]!++;
    }
    expect(times.slice(0, 4)).toEqual([0, 0, 0, 0]);
    // Each of 16 is expected 250 times, with a standard deviation of 14.
    for (const each of times.slice(4)) expect(Math.abs(each - 250)).toBeLessThan(70);
  });
});

describe("dedupe", () => {
  const asked = (instruction: string, input = ""): Row => ({ id: "1", instruction, input, output: "o" });
  const kept = async (by: "exact" | "normalized" | "rouge", rows: readonly Row[]) => {
    const isNew = await isNewBy(by, { threshold: 0.7, tokenizer: "ascii" }, () => stream(rows));
    return rows.map(isNew);
  };

  test("exact: instruction and input as they are", async () => {
    const rows = [asked("Add."), asked("Add.", "1"), asked("add."), asked("Add.")];
    expect(await kept("exact", rows)).toEqual([true, true, true, false]);
  });

  test("normalized: case, white space and punctuation at the ends aside; an input may be about them", async () => {
    const rows = [
      asked("Fix it.", "a B"),
      asked(" fix  IT", "a  B"),
      asked("Fix it.", "a b"),
      asked("Fixit", "a B"),
    ];
    expect(await kept("normalized", rows)).toEqual([true, false, true, true]);
  });

  test.each(["exact", "normalized", "rouge"] as const)(
    "%s: dialogues that end alike are as different as what came before",
    async (by) => {
      const after = (...history: string[][]): Row => ({ ...asked("continue"), history });
      const system = { ...asked("Other."), system: "s" };
      const rows = [after(["Tell a story.", "Once."]), after(["Name ten birds.", "Kea."]), asked("continue")];
      expect(
        await kept(by, [...rows, after(["Name ten birds.", "Kea."]), { ...asked("continue"), history: [] }]),
      ).toEqual([true, true, true, false, false]);
      expect(await kept(by, [asked("Other."), system, system])).toEqual([true, by !== "rouge", false]);
    },
  );

  test("rouge: similar instructions; texts without words count as they are", async () => {
    const rows = [
      asked("Give three tips for staying healthy."),
      asked("Give three good tips for staying healthy."),
      asked("Name a colour."),
      asked("?!"),
      asked("!?"),
      asked("?!"),
    ];
    expect(await kept("rouge", rows)).toEqual([true, false, true, true, true, false]);
  });
});

test("lists as instruction data, and back", () => {
  const ranked = { ...list("a", ["x", 1], ["y", 0]), original: "o", topic: "t" };
  const base = { instruction: "a", input: "", topic: "t" };
  expect(instructionsOf(ranked, "original")).toEqual([{ id: "a", ...base, output: "o" }]);
  expect(instructionsOf(ranked, "best")).toEqual([{ id: "a", ...base, output: "y" }]);
  expect(instructionsOf(ranked, "all").map(({ id, output }) => [id, output])).toEqual([
    ["a/0", "o"],
    ["a/1", "x"],
    ["a/2", "y"],
  ]);
  expect(() => instructionsOf(list("a", ["x"]), "original")).toThrow("is missing");
  expect(() => instructionsOf(list("a", ["x"]), "best")).toThrow("none has a rank");
  expect(listOf({ id: "a", ...base, output: "o" })).toEqual({
    id: "a",
    ...base,
    original: "o",
    responses: [],
  });
});
