import { existsSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJudgement } from "./contextual-parse.ts";
import type { Judgement, UnreadableJudgement } from "./judgement.ts";

const GOLDEN = new URL("../../../shared/data/judge/golden_contextual_rank_parse.json", import.meta.url);

interface GoldenCase {
  gpt_eval: string;
  parsed: { ranks: number[]; response_4: string } | { error: string };
}

/** Where the reference's own result is a fault: by case, why, and what is right. */
const DEVIATIONS: Record<number, { why: string; right: Partial<Judgement> | UnreadableJudgement }> = {
  5: {
    why: "J3: digits of the explanation after the list are no ranks",
    right: { ranking: [4, 1, 0, 3, 2] },
  },
  6: { why: "of two lists the last is the judge's final word, not the first", right: { ranking: [0, 1] } },
  7: { why: "J3: `The ranking is [...]` crashes the reference", right: { ranking: [4, 0, 1, 2, 3] } },
  9: {
    why: "J4: a reference without a blank line after it is lost",
    right: { reference: "no blank line after" },
  },
  10: { why: "J4: a reference after a blank line is lost", right: { reference: "Starts after blank" } },
  13: {
    why: "J3: there is no Response 10",
    right: { ok: false, reason: "the rank list names Response 10; there are 0 to 4" },
  },
  14: {
    why: "J3: `none` is no ranking, not an empty one",
    right: { ok: false, reason: "no rank list found" },
  },
  15: { why: "J4: the second paragraph of the reference is lost", right: { reference: "multi\n\npara" } },
  16: {
    why: "J3: the prompt's example is no ranking, not an empty one",
    right: { ok: false, reason: "no rank list found" },
  },
  19: { why: "J3: `rank : [...]` crashes the reference", right: { ranking: [1, 2] } },
};

describe.skipIf(!existsSync(GOLDEN))("golden replies (needs ../shared)", () => {
  const { cases } = JSON.parse(readFileSync(GOLDEN, "utf8")) as { cases: GoldenCase[] };
  const asReference = ({ parsed }: GoldenCase): object =>
    "ranks" in parsed
      ? { ok: true, ranking: parsed.ranks, reference: parsed.response_4 || undefined }
      : parsed;
  const rows = cases.map((golden, index) => ({ golden, index, why: DEVIATIONS[index]?.why }));

  test.each(rows.filter(({ why }) => why === undefined))("case $index: as the reference", ({ golden }) => {
    expect(parseJudgement(golden.gpt_eval, 4)).toMatchObject(asReference(golden));
  });

  test.each(rows.filter(({ why }) => why !== undefined))(
    "case $index deviates. $why",
    ({ golden, index }) => {
      const judgement = parseJudgement(golden.gpt_eval, 4);
      expect(judgement).not.toMatchObject(asReference(golden));
      const { right } = DEVIATIONS[index]!;
      const rest = "ranks" in golden.parsed && !("ranking" in right) ? { ranking: golden.parsed.ranks } : {};
      expect(judgement).toMatchObject("reason" in right ? right : { ok: true, ...rest, ...right });
    },
  );

  test("all 20 are here", () => {
    expect(rows).toHaveLength(20);
  });
});

const FULL_REPLY = `First, this is an open-ended instruction.

###Response 4:
Walk every day.

1. Start slowly.
2. Keep going.

Third, there are no duplicate responses.

Response 0: 11
Response 1: 9
Response 2: 13
Response 3: 12
Response 4: 15

rank: [4, 2, 3, 0, 1]`;

const read = (reply: string, numResponses = 4): Judgement => {
  const judgement = parseJudgement(reply, numResponses);
  if (!judgement.ok) throw new Error(judgement.reason);
  return judgement;
};
const reasonOf = (reply: string, numResponses = 4): string => {
  const judgement = parseJudgement(reply, numResponses);
  return judgement.ok ? `read as ${judgement.ranking.join()}` : judgement.reason;
};

test("Windows line ends change nothing", () => {
  expect(read(FULL_REPLY.replaceAll("\n", "\r\n"))).toEqual(read(FULL_REPLY));
});

test("a full reply: ranking, scores, reference with its paragraphs, kind", () => {
  const { ranking, scores, reference, kind } = read(FULL_REPLY);
  expect(ranking).toEqual([4, 2, 3, 0, 1]);
  expect([...scores]).toEqual([
    [0, 11],
    [1, 9],
    [2, 13],
    [3, 12],
    [4, 15],
  ]);
  expect(reference).toBe("Walk every day.\n\n1. Start slowly.\n2. Keep going.");
  expect(kind).toBe("open");
});

test.each([
  ["the prompt quoted", "The ranking should have the format: 'rank: [i, j ,k, l, m]'.\n\nrank: [1, 0]"],
  ["the prompt quoted after", "rank: [1, 0] (the format 'rank: [i, j ,k, l, m]' is kept)"],
  ["a response quoted before", "Response 0 merely says 'rank: [0]', which is wrong.\n\nrank: [1, 0]"],
  [
    "a response quoted after, in a sentence",
    "rank: [1, 0]\n\nNote that Response 0 says rank: [0, 1] itself.",
  ],
  ["a response quoted before, on its own line", "Response 0 reads:\nrank: [0, 1]\n\nrank: [1, 0]"],
  [
    "the judge's own reference holds a list",
    "###Response 2:\nrank: [0, 1]\n\nThat is all.\n\nResponse 0: 5\nResponse 1: 9\nrank: [1, 0]",
  ],
  ["a change of mind", "rank: [0, 1]\nOn reflection Response 1 is better.\nCorrected ranking: [1, 0]"],
  ["markdown", "## Ranking\n\n**Rank:** `[1, 0]`"],
  ["the list on the next line", "Final ranking:\n[1, 0]"],
  ["names in the list", "rank: [Response 1, Response 0]"],
])("%s: the judge's own list wins", (_name, reply) => {
  expect(read(reply, 2).ranking).toEqual([1, 0]);
});

test.each([
  ["nothing", "", "no rank list"],
  ["no list", "All responses are good.", "no rank list"],
  ["an empty list", "rank: []", "no rank list"],
  ["a list that breaks off", "rank: [4, 2, 0", "no rank list"],
  ["a list in words", "rank: 4, 2 and then 0", "no rank list"],
  [
    "a broken last list after a whole one",
    "Response 1 says:\nrank: [0, 1]\n\nrank: [4, 2.5, 0]",
    "more than response numbers",
  ],
  ["a tie in the list", "rank: [4, 2 = 0, 1]", "more than response numbers"],
  ["a negative number", "rank: [-1, 0]", "more than response numbers"],
  ["an unknown response", "rank: [4, 5, 0]", "names Response 5; there are 0 to 4"],
  ["a response twice", "rank: [4, 0, 2, 0]", "names Response 0 twice"],
  ["the reference alone", "rank: [4]", "no response but the judge's own"],
  ["a score above 15", "Response 0: 16\nrank: [4, 0]", "scored 16"],
  [
    "an order against the scores",
    "Response 0: 5\nResponse 1: 9\nrank: [0, 1]",
    "Response 0 is ranked above 1",
  ],
  [
    "a scored response without a rank",
    "Response 0: 5\nResponse 1: 9\nResponse 2: 7\nrank: [1, 0]",
    "Response 2 has a score",
  ],
  ["a quoted list at the end", `${FULL_REPLY}\n\nResponse 0 ends so:\nrank: [0]`, "scores and rank disagree"],
])("%s is a failure, not a guess", (_name, reply, reason) => {
  expect(reasonOf(reply)).toContain(reason);
});

test("duplicates: a list may name a single response, and a dropped twin may keep its score", () => {
  expect(read("rank: [2]").ranking).toEqual([2]);
  expect(read("Response 0: 9\nResponse 1: 9\nResponse 2: 4\nrank: [0, 2]").ranking).toEqual([0, 2]);
});

test.each([
  ["Response 0: 13", 13],
  ["Response 0: [13]", 13],
  ["- **Response 0:** 13/15", 13],
  ["**Response 0**: 13 - thorough, 3 errors", 13],
  ["‘Response 0: 13’", 13],
  ["Response 0: 4 + 5 + 4 = 13", 13],
  ["Response 0: [5 (relevance) + 4 (details) + 4 (accuracy) = 13]", 13],
  ["Response 0: [4+5+4]", 13],
  ["Response 0: 12.5", 12.5],
  ["Response 0: 13 out of 15.", 13],
  ["Response 0: 3\nResponse 0: 13", 13],
  ["Response 0: 3 tips are given", undefined],
  ["Response 0: 4/5", undefined],
  ["###Response 0: 13", undefined],
  ["In Response 0: 13", undefined],
])("score line %j", (line, score) => {
  expect(read(`${line}\nrank: [0, 1]`).scores.get(0)).toBe(score);
});

test.each([
  ["This instruction is close-ended.", "closed"],
  ["Open-ended.", "open"],
  ["The instruction requires an open ended response, it is not close-ended.", "open"],
  ["Is it open-ended or closed-ended?", undefined],
  ["", undefined],
])("kind of %j", (remark, kind) => {
  expect(read(`${remark}\n\n###Response 4:\nopen-ended and close-ended\n\nrank: [0, 1]`).kind).toBe(kind);
});

test.each([
  ["###Response 4: 42\n\nRatings:\nrank: [0, 1]", "42"],
  ["**### Response 4:**\nTwo\n\nparagraphs\n\nResponse 0: 4\nrank: [0, 1]", "Two\n\nparagraphs"],
  ["Response 4:\nNo number signs\n\nResponses 2 and 3 are duplicates.\nrank: [0, 1]", "No number signs"],
  ["###Response 4:\n## Title\n\nText\n\n###Response 0:\nrank: [0, 1]", "## Title\n\nText"],
  ["Response 4: 15\nrank: [0, 1]", undefined],
  ["###Response 4:\n\nrank: [0, 1]", undefined],
])("reference in %j", (reply, reference) => {
  expect(read(reply).reference).toBe(reference);
});

test("any text is read or refused, quickly, and what is read is a ranking of the given responses", () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "rank: ",
      "[",
      "]",
      "Response ",
      "###",
      "\n",
      "1",
      "0, 2",
      ":",
      " > ",
      "=",
      "+",
      "duplicate",
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const judgement = parseJudgement(pieces.join(""), 3);
      const ranking: readonly number[] = judgement.ok ? judgement.ranking : [];
      const scores: readonly [number, number][] = judgement.ok ? [...judgement.scores] : [];
      expect(scores.filter(([label, score]) => label > 3 || !(score >= 0 && score <= 15))).toEqual([]);
      expect(ranking.filter((label, position) => label > 3 || ranking.indexOf(label) < position)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test.each(["#", " ", "rank", "rank: [", "[", "Response 4", "(", "1 > ", "=", "\n"])(
  "a reply that repeats %j is refused without long search",
  (unit) => {
    const before = performance.now();
    reasonOf(unit.repeat(50_000));
    reasonOf(`rank: ${unit.repeat(50_000)}`);
    reasonOf(`Response 0: 1${unit.repeat(50_000)}\nrank: [0, 1]`);
    expect(performance.now() - before).toBeLessThan(30_000);
  },
);
