import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readHumanRanks } from "./read-human-ranks.ts";
import { readVerdicts } from "./read-verdicts.ts";

const folder = mkdtempSync(join(tmpdir(), "tuna-verdicts-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const lines = (...rows: object[]): string => rows.map((row) => JSON.stringify(row)).join("\n");
const read = (...rows: object[]) => readVerdicts(file("data.jsonl", lines(...rows)));

test("ranked lists: every verdict, in the order it was shown; unreadable ones are counted", async () => {
  const place = { judge: "j", permutation: 0 };
  const verdicts = [
    { ...place, presented: [2, 0], ranks: { 2: 0, 0: 1 }, scores: {}, reply: "" },
    { ...place, presented: [0, 2], failure: "no", replies: [] },
  ];
  const responses = [{ text: "a", source: "teacher:x" }, { text: "a" }, { text: "b", rank: 0 }];
  expect(
    await read({ id: 7, instruction: "i", responses, ranking: { method: "contextual", verdicts } }),
  ).toEqual([
    {
      id: "7",
      group: undefined,
      numResponses: 3,
      texts: ["a", "a", "b"],
      sources: ["teacher:x", undefined, undefined],
      verdicts: [{ judge: "j", order: [2, 0], ranks: [1, undefined, 0] }],
      failures: 1,
    },
  ]);
});

test("plain verdicts are gathered by id: scores the higher the better, ranks the lower", async () => {
  const items = await read(
    { id: "a", failure: "unreadable" },
    { id: "a", judge: "x", scores: [9, 7, null], texts: ["p", "q", "r"], group: "g" },
    { id: 1, ranks: [1, 0] },
    { id: "a", judge: "y", order: [2, 1, 0], ranks: [2, 0, 1] },
  );
  expect(items).toMatchObject([
    {
      id: "a",
      numResponses: 3,
      failures: 1,
      verdicts: [
        { judge: "x", order: [0, 1, 2], ranks: [-9, -7, undefined] },
        { judge: "y", order: [2, 1, 0], ranks: [2, 0, 1] },
      ],
    },
    { id: "1", verdicts: [{ judge: "judge", order: [0, 1], ranks: [1, 0] }] },
  ]);
});

test.each([
  [
    [{ id: 1, ranks: [0, 1], scores: [1, 0] }],
    /data\.jsonl, line 1: expected one of "ranks", "scores" and "failure"/,
  ],
  [[{ id: 1 }], /expected one of "ranks"/],
  [[{ id: 1, ranks: ["a"] }], /line 1, field ranks\.0: expected number/],
  [[{ id: 1, ranks: [0, 1], order: [0, 0] }], /id 1: order \[0, 0\] is no order of responses 0 to 1/],
  [[{ id: 1, ranks: [0, 1], order: [0, 2] }], /order \[0, 2\]/],
  [
    [
      { id: 1, ranks: [0, 1] },
      { id: 1, ranks: [0, 1, 2] },
    ],
    /id 1: its rows differ in how many responses/,
  ],
  [
    [{ id: 1, responses: [{ text: "a" }], ranking: { method: "probabilistic" } }],
    /verdicts that tuna rank contextual keeps/,
  ],
  [[{ id: 1, failure: "x" }], /no verdicts\. Expected ranked lists/],
])("%j is refused with its reason", async (rows, message) => {
  await expect(read(...rows)).rejects.toThrow(message);
});

const ITEMS = [
  { id: "a", ranks: [0, 1, 2] },
  { id: "b", ranks: [0, 1] },
];
const human = async (name: string, content: string) =>
  readHumanRanks(file(name, content), await read(...ITEMS));

test("people's ranks, as JSON Lines or CSV", async () => {
  const expected = new Map([
    [
      "a",
      [
        [1, 0, undefined],
        [2, 1, 0],
      ],
    ],
  ]);
  expect(
    await human(
      "h.jsonl",
      lines({ id: "a", ranks: [1, 0, null] }, { id: "a", ranks: [2, 1, 0] }, { id: "z", ranks: [0] }),
    ),
  ).toEqual(expected);
  const csv = "annotator,response,rank,id\nP,0,1,a\nP,1,0,a\nP,2,,a\nQ,0,2,a\nQ,1,1,a\nQ,2,0,a\n";
  expect(await human("h.csv", csv)).toEqual(expected);
});

test.each([
  ["h.jsonl", lines({ id: "a", ranks: [0, 1] }), /id a: 2 ranks, but the judged data has 3 responses/],
  ["h.jsonl", lines({ id: "z", ranks: [0, 1] }), /none of its 1 rows has an id of the judged data/],
  ["h.csv", "id,response,rank\na,0,first\n", /line 2, column rank: expected a rank, or nothing/],
  ["h.csv", "id,rank\na,0\n", /line 2, column response: expected string/],
  ["h.csv", "id,response,rank\na,9,0\n", /id a: 10 ranks/],
])("%s %j is refused with its reason", async (name, content, message) => {
  await expect(human(name, content)).rejects.toThrow(message);
});
