import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { hasShared, readShared } from "../../../test/shared.ts";
import { promptOf } from "../../model/index.ts";
import { rankProbabilistically } from "../../rank/index.ts";
import { readRows } from "../read-rows.ts";
import type { RankedList } from "../record.ts";
import { RowReader } from "../row-reader.ts";
import { partsOfAlpacaPrompt } from "./alpaca-prompt.ts";
import type { PromptStyle } from "./format.ts";
import { asTexts, read, write } from "./formats.fixture.ts";
import { FORMATS, FORMAT_NAMES, formatNamed } from "./index.ts";
import { lossOf } from "./loss.ts";

const folder = mkdtempSync(join(tmpdir(), "tuna-formats-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const alpacaPrompt = (row: { instruction: string; input?: string }): string => promptOf("alpaca", row);
const asMessages: PromptStyle = { promptOf: (row) => promptOf("chat", row), asMessages: true };

test("every format has a name that flags take", () => {
  expect(FORMATS.map(({ name }) => name).toSorted()).toEqual([...FORMAT_NAMES].toSorted());
});

const text = fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("", "[1]", "true", 'a,b\n"c"', " x "));
const extension = fc.constantFrom("jsonl", "json", "csv", "tsv.gz", "json.gz", "parquet");

const instructionRows = fc.array(fc.record({ instruction: text, input: text, output: text }), {
  minLength: 1,
  maxLength: 4,
});
const numbered = <T extends object>(rows: readonly T[]) =>
  rows.map((row, index) => ({ id: String(index), ...row }));

describe("what is written is read back, whatever the file", () => {
  test("alpaca, with other keys", async () => {
    await fc.assert(
      fc.asyncProperty(instructionRows, extension, async (written, kind) => {
        const history = [["a", "b"]];
        const rows = numbered(written.map((row) => ({ ...row, category: "qa", history })));
        expect(await read(write("alpaca", rows), kind)).toEqual(rows);
      }),
      { numRuns: 60 },
    );
  });

  test.each(["messages", "sharegpt"] as const)("%s, with system message and history", async (name) => {
    const dialogues = fc.array(
      fc.record(
        {
          instruction: text,
          output: text,
          system: text.filter((each) => each !== ""),
          history: fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 2 }),
        },
        { requiredKeys: ["instruction", "output"] },
      ),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(dialogues, extension, async (written, kind) => {
        const rows = numbered(written.map((row) => ({ ...row, input: "" })));
        expect(await read(write(name, rows), kind)).toEqual(rows);
      }),
      { numRuns: 60 },
    );
  });

  /** Responses of different texts, with everything that a ranked list may hold. */
  const lists = (response: fc.Arbitrary<object>, more: fc.Arbitrary<object> = fc.constant({})) =>
    fc.array(
      fc
        .tuple(
          fc.record({ instruction: text, input: text }),
          more,
          fc.uniqueArray(text, { minLength: 2, maxLength: 4 }),
          fc.array(response, { minLength: 4, maxLength: 4 }),
        )
        .map(([asked, rest, texts, facts]) => ({
          ...asked,
          ...rest,
          responses: texts.map((each, index) => ({ text: each, ...facts[index] })),
        })),
      { minLength: 1, maxLength: 3 },
    );
  // An empty cell of CSV is an absent value.
  const original = text.filter((each) => each !== "").map((each) => ({ original: each }));
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
  const scored = fc.record(
    { logprob: finite, numTokens: fc.nat(), rank: fc.nat(3), source: text },
    { requiredKeys: [] },
  );

  test("ranked", async () => {
    await fc.assert(
      fc.asyncProperty(lists(scored, original), extension, async (written, kind) => {
        const rows = numbered(written) as RankedList[];
        expect(await read(write("ranked", rows), kind)).toEqual(rows);
      }),
      { numRuns: 60 },
    );
  });

  test("lmops-probabilistic", async () => {
    const sampled = fc.record({ logprob: finite, numTokens: fc.nat(), meanLogprob: finite });
    await fc.assert(
      fc.asyncProperty(lists(sampled, original), extension, async (written, kind) => {
        const rows = numbered(written) as RankedList[];
        expect(await read(write("lmops-probabilistic", rows), kind)).toEqual(rows);
      }),
      { numRuns: 60 },
    );
  });

  /** Ranks as they are counted: by how many are better, ties sharing theirs. */
  const withRanks = (rows: readonly object[], numLevels: number): RankedList[] =>
    numbered(rows as RankedList[]).map((list, at) => {
      const levels = list.responses.map((_, index) => (index === 0 ? 0 : ((at + index) % numLevels) + 1));
      const responses = list.responses.map(({ text: each }, index) => {
        return { text: each, rank: levels.filter((level) => level < levels[index]!).length };
      });
      return { ...list, responses: responses.toSorted((a, b) => a.rank - b.rank) };
    });
  const none = fc.constant({});

  test.each([
    ["trl-dpo", asTexts],
    ["trl-dpo", asMessages],
    ["trl-reward", asTexts],
    ["trl-reward", asMessages],
  ] as const)("%s: all pairs of a list give its ranks back, ties among them", async (name, style) => {
    const plain = lists(none).map((rows) =>
      rows.map((row) => {
        // Messages join instruction and input.
        const [instruction, input] = [row.instruction, style === asMessages ? "" : row.input];
        return { ...row, instruction, input };
      }),
    );
    await fc.assert(
      fc.asyncProperty(plain, fc.integer({ min: 1, max: 3 }), extension, async (written, numLevels, kind) => {
        const rows = withRanks(written, numLevels);
        const back = (await read(write(name, rows, style), kind)) as RankedList[];
        expect(back.map(({ responses }) => new Set(responses))).toEqual(
          rows.map(({ responses }) => new Set(responses)),
        );
        const asked = (some: readonly RankedList[]) => some.map((each) => ({ ...each, responses: [] }));
        expect(asked(back)).toEqual(asked(rows));
      }),
      { numRuns: 60 },
    );
  });

  test.each([asTexts, asMessages])("trl-kto: the best against the rest", async (style) => {
    await fc.assert(
      fc.asyncProperty(lists(none), extension, async (written, kind) => {
        const rows = withRanks(written, 1).map((row) => (style === asMessages ? { ...row, input: "" } : row));
        const back = (await read(write("trl-kto", rows, style), kind)) as RankedList[];
        const labelled = rows.map(({ responses, ...rest }) => ({
          ...rest,
          responses: responses.map((response) => ({ ...response, label: response.rank === 0 })),
        }));
        expect(back).toEqual(labelled);
      }),
      { numRuns: 60 },
    );
  });
});

test("Alpaca's prompt is taken apart, where that can be done in one way only", () => {
  fc.assert(
    fc.property(text, text, (instruction, input) => {
      expect(partsOfAlpacaPrompt(alpacaPrompt({ instruction, input }))).toEqual({ instruction, input });
    }),
  );
  expect(partsOfAlpacaPrompt("Say it.")).toBeUndefined();
  const ambiguous = alpacaPrompt({ instruction: "a\n\n### Input:\nb", input: "c" });
  expect(partsOfAlpacaPrompt(ambiguous)).toBeUndefined();
});

describe("lmops-contextual", () => {
  const row = {
    id: 5,
    instruct: alpacaPrompt({ instruction: "Add.", input: "1 and 2" }),
    prompt: "the judge's prompt",
    generation: ["three", "3", "4", "3"],
    gpt_eval: "... rank: [4, 1, 0, 2]",
    rank_str: "[4, 1, 0, 2]",
    response_4: "It is 3.",
  };

  test.each(["rank", "ranks"])("%s: the reference is left out, duplicates have no rank", async (key) => {
    const [list] = (await read([{ ...row, [key]: [4, 1, 0, 2] }])) as RankedList[];
    expect(list).toMatchObject({
      id: "5",
      instruction: "Add.",
      input: "1 and 2",
      ranking: { method: "contextual", reference: "It is 3.", reply: row.gpt_eval, order: [4, 1, 0, 2] },
    });
    expect(list!.responses).toEqual([
      { text: "three", rank: 1 },
      { text: "3", rank: 0 },
      { text: "4", rank: 2 },
      { text: "3" },
    ]);
    expect(write("lmops-contextual", [list!])).toEqual([{ ...row, id: "5", rank: [4, 1, 0, 2] }]);
  });

  test.each([
    [{ ranks: [4, 0, 2, 3, 0] }, "field ranks.4: response 0 is ranked twice"],
    [{ rank: [0, 7] }, "field rank.1: there is no response 7: the row has 4"],
    [{}, "field rank: expected the judge's ranking in rank or ranks"],
  ])("%j: %s", async (ranking, message) => {
    await expect(read([{ ...row, ...ranking }])).rejects.toThrow(message);
  });

  test("a list of ours is written with its order", () => {
    const responses = [{ text: "a", rank: 1 }, { text: "b" }, { text: "c", rank: 0 }];
    const list = { id: "x", instruction: "do", input: "", responses };
    expect(write("lmops-contextual", [list])).toEqual([
      { id: "x", instruct: alpacaPrompt({ instruction: "do" }), generation: ["a", "b", "c"], rank: [2, 0] },
    ]);
  });

  test.skipIf(!hasShared)("what the authors' code parsed out of replies is read", async () => {
    type Parsed = { rank_str: string; ranks: number[]; response_4: string };
    interface Golden {
      cases: { gpt_eval: string; parsed: Parsed | { error: string } }[];
    }
    const { cases } = readShared<Golden>("judge/golden_contextual_rank_parse.json");
    const isReadable = (ranks: readonly number[]): boolean =>
      ranks.length > 0 && ranks.every((rank) => rank <= 4) && new Set(ranks).size === ranks.length;
    const readable = cases.flatMap(({ gpt_eval, parsed }) =>
      "ranks" in parsed && isReadable(parsed.ranks) ? [{ gpt_eval, parsed }] : [],
    );
    expect(readable.length).toBeGreaterThan(4);
    const rows = readable.map(({ gpt_eval, parsed }) => ({ ...row, gpt_eval, ...parsed }));
    const lists = (await read(rows)) as RankedList[];
    for (const [index, { responses }] of lists.entries()) {
      const ranked = [...responses.keys()].filter((at) => responses[at]!.rank !== undefined);
      const order = ranked.toSorted((a, b) => responses[a]!.rank! - responses[b]!.rank!);
      expect(order).toEqual(readable[index]!.parsed.ranks.filter((rank) => rank < 4));
    }
  });
});

describe("lmops-probabilistic", () => {
  const row = {
    orig: { instruction: "Add.", input: "1 and 2", output: "3" },
    text: ["three", "3"],
    avg_token_prob: [-0.5, -0.2],
    length: [4, 2],
    logprob: [-2, -0.4],
  };

  test("as released, and back", async () => {
    const [list] = (await read([row], "json")) as RankedList[];
    expect(list).toEqual({
      id: "0",
      instruction: "Add.",
      input: "1 and 2",
      original: "3",
      responses: [
        { text: "three", logprob: -2, numTokens: 4, meanLogprob: -0.5 },
        { text: "3", logprob: -0.4, numTokens: 2, meanLogprob: -0.2 },
      ],
    });
    expect(write("lmops-probabilistic", [list!])).toEqual([row]);
  });

  test.each([
    [{ ...row, length: [4] }, "field length: expected 2 values, as text has, found 1"],
    [{ ...row, logprob: [-2, "x"] }, "field logprob.1: expected number, received string"],
    [{ ...row, orig: { instruction: "Add." } }, "field orig.output: expected string"],
  ])("%j", async (wrong, message) => {
    await expect(read([row, wrong])).rejects.toThrow(`line 2, ${message}`);
  });

  test("a list without log-probabilities cannot be written so", () => {
    const list = { id: "1", instruction: "do", input: "", original: "o", responses: [{ text: "a" }] };
    expect(() => write("lmops-probabilistic", [list])).toThrow("is missing");
  });

  test.skipIf(!hasShared)("golden_eq3_scores.json: ordered as Eq. 3 orders it, for every beta", async () => {
    type Case = { logprob: number[]; length: number[] } & Record<
      `beta_${string}`,
      { score: number[]; order: number[] }
    >;
    const { cases } = readShared<{ cases: Case[] }>("loss/golden_eq3_scores.json");
    const rows = cases.map(({ logprob, length }) => ({
      orig: row.orig,
      text: logprob.map((_, index) => `response ${index}`),
      avg_token_prob: logprob.map((value, index) => value / length[index]!),
      length,
      logprob,
    }));
    const lists = (await read(rows, "json.gz")) as RankedList[];
    for (const [at, golden] of cases.entries()) {
      const betas = Object.keys(golden).filter((key) => key.startsWith("beta_")) as `beta_${string}`[];
      expect(betas.length).toBe(5);
      for (const key of betas) {
        const { responses } = rankProbabilistically(lists[at]!, { lengthPenalty: Number(key.slice(5)) });
        const order = [...responses.keys()].toSorted((a, b) => responses[a]!.rank! - responses[b]!.rank!);
        expect(order).toEqual(golden[key]!.order);
      }
    }
  });
});

describe("cells of CSV as pandas writes them", () => {
  test("truth values are capitalized", async () => {
    const path = join(folder, "pandas.csv");
    writeFileSync(path, "prompt,completion,label\ndo,a,True\ndo,b,False\n");
    const found: unknown[] = [];
    for await (const row of readRows(path)) found.push(row);
    expect(found).toMatchObject([{ responses: [{ label: true }, { label: false }] }]);
  });

  test("null is an empty cell", async () => {
    const [row] = await read([{ instruction: "do", input: "", output: "x", topic: null, place: "y" }], "csv");
    expect(row).toEqual({ id: "0", instruction: "do", input: "", output: "x", place: "y" });
  });
});

describe("lmops-trainer and lmops-sampled", () => {
  test.each(["jsonl", "csv"])("an Alpaca row with a score is none of these: *.%s", async (kind) => {
    const [row] = await read([{ instruction: "do", input: "", output: "[1, 2]", score: "4.5" }], kind);
    expect(row).toEqual({ id: "0", instruction: "do", input: "", output: "[1, 2]", score: "4.5" });
    const [number] = await read([{ instruction: "do", output: "x", score: 4.5 }]);
    expect(number).toMatchObject({ output: "x", score: 4.5 });
  });

  const prompt = alpacaPrompt({ instruction: "Add.", input: "1 and 2" });

  test("scores are ranks, the prompt is kept, and the row is written as it was", async () => {
    const row = { id: "7", instruction: prompt, output: ["a", "b", "c"], score: [1, 3, 1] };
    const [list] = (await read([row])) as RankedList[];
    expect(list).toMatchObject({ id: "7", instruction: "Add.", input: "1 and 2", prompt });
    expect(list!.responses.map(({ rank }) => rank)).toEqual([1, 0, 1]);
    expect(write("lmops-trainer", [list!])).toEqual([row]);
  });

  test("a list whose scores do not order it as its ranks gets negative ranks as scores", () => {
    const responses = [{ text: "a", rank: 0, score: -5 }, { text: "b", rank: 1, score: -2 }, { text: "c" }];
    const list = { id: "7", instruction: "Add.", input: "1 and 2", responses };
    expect(write("lmops-trainer", [list])).toEqual([
      { id: "7", instruction: prompt, output: ["a", "b"], score: [0, -1] },
    ]);
  });

  test("samples have no ranks", async () => {
    const row = { instruction: prompt, output: ["a", "b"], rouge: 0.3, id: "9" };
    const [list] = (await read([row])) as RankedList[];
    expect(list).toMatchObject({
      id: "9",
      instruction: "Add.",
      prompt,
      responses: [{ text: "a" }, { text: "b" }],
    });
    expect(write("lmops-sampled", [list!])).toEqual([row]);
  });
});

describe("TRL's pairs", () => {
  test("pairs of one prompt that follow each other are one list, best first", async () => {
    const pair = (chosen: string, rejected: string) => ({ prompt: "do", chosen, rejected });
    const [list, other] = (await read([
      pair("b", "c"),
      pair("a", "b"),
      { ...pair("x", "y"), prompt: "else" },
    ])) as RankedList[];
    expect(list!.responses).toEqual([
      { text: "a", rank: 0 },
      { text: "b", rank: 1 },
      { text: "c", rank: 2 },
    ]);
    expect(other).toMatchObject({ id: "2", instruction: "else" });
  });

  test("pairs that contradict each other are bad rows, each of them", async () => {
    const rows = [
      { prompt: "do", chosen: "a", rejected: "b" },
      { prompt: "do", chosen: "b", rejected: "a" },
    ];
    await expect(read(rows)).rejects.toThrow("line 1: the pairs of this prompt contradict each other");
    const reader = new RowReader("rows", { candidates: FORMATS, format: undefined });
    const raw = rows.map((value, index) => ({ place: { line: index + 1 }, value }));
    expect([...reader.next(raw), ...reader.end()]).toMatchObject(
      rows.map((content, index) => ({ rejected: { line: index + 1, content } })),
    );
  });

  test("chosen and rejected may be whole dialogues beside the prompt", async () => {
    const dialogue = (answer: string) => [
      { role: "user", content: "do" },
      { role: "assistant", content: answer },
    ];
    const row = {
      prompt: "do",
      chosen: dialogue("a"),
      rejected: dialogue("b"),
      messages: dialogue("a"),
      score_chosen: 8,
    };
    const [list] = (await read([row])) as RankedList[];
    expect(list).toEqual({
      id: "0",
      instruction: "do",
      input: "",
      messages: dialogue("a"),
      score_chosen: 8,
      responses: [
        { text: "a", rank: 0 },
        { text: "b", rank: 1 },
      ],
    });
    const other = [{ role: "user", content: "else" }, ...dialogue("b").slice(1)];
    await expect(read([{ ...row, rejected: other }])).rejects.toThrow(
      "field rejected: its prompt is not that of chosen",
    );
  });

  test.each([
    ["trl-dpo", { prompt: "do", chosen: "a", rejected: "b" }, { prompt: "do", chosen: "b", rejected: "c" }],
    [
      "trl-reward",
      {
        chosen: `${alpacaPrompt({ instruction: "do" })}a`,
        rejected: `${alpacaPrompt({ instruction: "do" })}b`,
      },
      {
        chosen: `${alpacaPrompt({ instruction: "do" })}b`,
        rejected: `${alpacaPrompt({ instruction: "do" })}c`,
      },
    ],
    [
      "trl-kto",
      { prompt: "do", completion: "a", label: true },
      { prompt: "do", completion: "b", label: false },
    ],
  ] as const)(
    "%s: other columns stay; where the rows of a list differ, it has all values",
    async (...given) => {
      const [name, one, two] = given;
      const rows = [
        { ...one, source: "x", margin: 2 },
        { ...two, source: "x", margin: 1, note: "n" },
      ];
      const [list] = (await read(rows)) as RankedList[];
      expect(list).toMatchObject({
        id: "0",
        instruction: "do",
        source: "x",
        margin: [2, 1],
        note: [null, "n"],
      });
      expect((list as RankedList).responses[0]).toMatchObject({ text: "a", rank: 0 });
      const [single] = (await read(rows.slice(0, 1))) as RankedList[];
      expect(single).toMatchObject({ source: "x", margin: 2 });
      expect(lossOf(single!, formatNamed(name), write(name, [single!]))).toEqual(["source", "margin"]);
    },
  );

  test.each([
    ["trl-dpo", { prompt: "do", chosen: "a", rejected: "b" }],
    ["trl-kto", { prompt: "do", completion: "a", label: true }],
  ] as const)(
    "%s: columns with the names of a list's fields count only where they are such",
    async (name, row) => {
      const [wrong] = await read([{ ...row, original: null, ranking: 3, responses: "x" }], "jsonl", name);
      expect(wrong).not.toHaveProperty("original");
      expect(wrong).not.toHaveProperty("ranking");
      expect((wrong as RankedList).responses[0]).toMatchObject({ text: "a", rank: 0 });
      const [right] = await read([{ ...row, original: "o", ranking: { method: "m" } }]);
      expect(right).toMatchObject({ original: "o", ranking: { method: "m" } });
    },
  );

  test("equal texts are no pair", () => {
    const responses = [
      { text: "a", rank: 0 },
      { text: "b", rank: 1 },
      { text: "a", rank: 2 },
    ];
    const rows = write("trl-dpo", [{ id: "1", instruction: "do", input: "", responses }]);
    expect(rows.map(({ chosen, rejected }) => [chosen, rejected])).toEqual([["a", "b"]]);
  });

  test.each([
    [{ chosen: "a", rejected: "b" }, "field chosen: nobody can tell where its prompt ends"],
    [{ prompt: "do", chosen: "a", rejected: 3 }, "field rejected: expected a text, or messages"],
    [{ prompt: "do", completion: "a", label: 1 }, "field label: expected boolean"],
    [
      { prompt: [{ role: "assistant", content: "x" }], chosen: "a", rejected: "b" },
      "field prompt.0: expected a message of the user, found one of the assistant",
    ],
  ])("%j: %s", async (row, message) => {
    await expect(read([row])).rejects.toThrow(message);
  });
});
