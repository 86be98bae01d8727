/** Scores of replies: FastChat's own reading on all of its review files, and the fallback against what its authors put in by hand. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { hasShared, readShared, sharedPath } from "../../../test/shared.ts";
import { pythonFloat } from "./python-float.ts";
import { parseScore, readScores } from "./score-reading.ts";

interface Golden {
  files: {
    file: string;
    n: number;
    stored_equals_parse: number;
    mismatches: { question_id: number; stored: number[]; parsed: number[] }[];
  }[];
}
interface Row {
  question_id: number;
  text: string;
  score: number[];
}

function rowsOf(file: string): Row[] {
  const lines = readFileSync(sharedPath(`vicuna/${file}`), "utf8")
    .trim()
    .split("\n");
  return lines.map((line) => JSON.parse(line) as Row);
}

/** What the authors put in is not what the reply says: 4, 4 and 9 to 9 stand there. */
const SLIPS = new Map([
  ["review/vicuna-13b_20230322-clean-lang/review_bard_vicuna-13b.jsonl 70", [10, 4]],
  ["review/vicuna-13b_20230322-clean-lang/review_llama-13b_vicuna-13b.jsonl 70", [10, 4]],
  [
    "review/gpt-3.5-turbo_review_vicuna-13b-20230322-new-hp-fp16/gpt-3.5-turbo_review_vicuna-13b-20230322-new-hp-fp16_vicuna-13b-20230322-new-hp-fp16.jsonl 65",
    [9, 9],
  ],
]);

describe.skipIf(!hasShared)("FastChat's review files", () => {
  const { files } = hasShared ? readShared<Golden>("vicuna/golden_review_tables.json") : { files: [] };

  test.each(files)("$file", ({ file, n, stored_equals_parse: equal, mismatches }) => {
    const rows = rowsOf(file);
    const different = rows.filter(({ text, score }) => parseScore(text).join() !== score.join());
    expect(rows).toHaveLength(n);
    expect(n - different.length).toBe(equal);
    expect(
      different.map(({ question_id, text, score }) => ({
        question_id,
        stored: score,
        parsed: [...parseScore(text)],
      })),
    ).toEqual(mismatches.map(({ question_id, stored, parsed }) => ({ question_id, stored, parsed })));
  });

  test("what was put in by hand is found by the fallback, and nothing where the judge gave no scores", () => {
    const byHand = files.flatMap(({ file, mismatches }) =>
      mismatches.map(({ question_id: id, stored }) => ({ file, id, stored })),
    );
    expect(byHand.length).toBeGreaterThan(60);
    for (const { file, id, stored } of byHand) {
      const reading = readScores(rowsOf(file).find(({ question_id }) => question_id === id)!.text);
      const expected = SLIPS.get(`${file} ${id}`) ?? stored;
      expect(reading, `${file} ${id}`).toMatchObject({ how: "fallback", scores: expected });
    }
    const unscored = files.flatMap(({ file }) => rowsOf(file)).filter(({ score }) => score[0] === -1);
    expect(unscored.map(({ text }) => readScores(text).how)).toEqual(["failed", "failed"]);
  });
});

test.each([
  ["8 9\nBoth are good.", [8, 9]],
  ["9,8.5", [9, 8.5]],
  ["7\t 9", [7, 9]],
  ["9 8\r\nText", [9, 8]],
  ["8, 9", [-1, -1]],
  [" 8 9", [-1, -1]],
  ["8 9 ", [-1, -1]],
  ["\n8 9", [-1, -1]],
  ["[My Solution]", [-1, -1]],
  ["8/10 9/10", [-1, -1]],
  ["1e1 .5", [10, 0.5]],
  ["", [-1, -1]],
])("parse_score reads %j as Python did", (reply, scores) => {
  expect(parseScore(reply)).toEqual(scores);
});

test("numbers are those of Python's float", () => {
  const values = [
    "1_0",
    "+5.",
    " 3\n",
    "９",
    "inf",
    "-Infinity",
    "nan",
    "1__0",
    "_1",
    "1e",
    "0x10",
    "²",
    "1,5",
    "",
  ];
  expect(values.map(pythonFloat)).toEqual([
    10,
    5,
    3,
    9,
    Infinity,
    -Infinity,
    Number.NaN,
    ...Array.from({ length: 7 }, () => undefined),
  ]);
});

test.each([
  ["8, 9\nText", [8, 9]],
  ["\n**8 9**\n", [8, 9]],
  ["Scores: 8/10 9.5/10", [8, 9.5]],
  ["8 and 9.", [8, 9]],
  ["I compared them.\n\nOutput: (3, 9)", [3, 9]],
  ["Steps: (2, -2) and (10, 4).\n```python\n(3, 9)\n```", [3, 9]],
  ["The range is (1, 10). The scores are (7,8).", [7, 8]],
  ["Assistant 1: 8/10\nAssistant 2: 9/10", [8, 9]],
  ["**Assistant 1:** 8\n**Assistant 2:** 10 (clear)", [8, 10]],
  ["Assistant 1:\n\nScore: 6/10\n\nAssistant 2:\n- Score: 7", [6, 7]],
  ["Assistant 2's score is 5, while Assistant 1’s score is 10.", [10, 5]],
  ["Both assistants receive a score of 7.", [7, 7]],
])("the fallback finds the scores of %j", (reply, scores) => {
  expect(readScores(reply)).toMatchObject({ how: "fallback", scores });
});

test.each([
  ["Both are fine.", "no two scores"],
  ["Assistant 1: 8/10", "no two scores"],
  ["   \n", "empty"],
  ["80 90\nOut of a hundred", "no two scores"],
  ["-1 -1", "no two scores"],
  ["nan inf", "no two scores"],
  ["The endpoints are (2, 4) and (10, 4), so the length is 8.", "no two scores"],
  ["Assistant 1: 3x + 10 = 5\nAssistant 2: 10 is the result", "no two scores"],
  ["Assistant 1: 5(x - 2)\nAssistant 2: 3.14159", "no two scores"],
  [
    "Assistant 1: 8/10\nAssistant 2: 9/10\nOn reflection, Assistant 1: 6/10",
    "different scores for one answer",
  ],
  ["Assistant 1: 8/10\nAssistant 2: 9/10\nOutput: (9, 8)", "states both"],
  ["9/10", "no two scores"],
])("%j is a failure, not a guess", (reply, reason) => {
  expect(readScores(reply)).toMatchObject({
    how: "failed",
    reason: expect.stringContaining(reason) as string,
  });
});

test("long and repetitive replies are read in bounded time", () => {
  const parts = [
    "Assistant 1:\n",
    "Assistant 1 ",
    "(1, ",
    "\n",
    " ",
    "both Assistants 1 and ",
    "score of 1",
    "* ",
    "8 9",
  ];
  const start = performance.now();
  for (const part of parts) readScores(`x${part.repeat(20_000)}`);
  expect(performance.now() - start).toBeLessThan(10_000);
});
