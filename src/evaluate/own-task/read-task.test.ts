/** Files of tasks: what they become, and what is refused, with its line and the nearest name. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { defineTask, questionsOf, readTask } from "./read-task.ts";

const folder = mkdtempSync(join(tmpdir(), "tuna-own-task-"));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const CAPITALS = `name: capitals
items:
  - country: France
    capital: Paris
  - country: Japan
    capital: [Tokyo, Tōkyō]
prompt: "What is the capital of {country}? As JSON: {\\"city\\": ...}"
stop: "\\n"
scorer:
  type: exact-match
  target: capital
`;

test("a task in YAML: questions in the order of the items", async () => {
  const task = await readTask(file("capitals.yaml", CAPITALS));
  expect(task).toMatchObject({ name: "capitals", measure: "exact match", by: "text" });
  expect(questionsOf(task)).toEqual([
    {
      task: "capitals",
      id: "0",
      prompt: { instruction: 'What is the capital of France? As JSON: {"city": ...}' },
      maxTokens: 256,
      stop: ["\n"],
    },
    expect.objectContaining({ id: "1" }),
  ]);
});

test.each(["1.50", "007", "3.0", "+5", "0x1F", "1e3", "12345678901234567890", "8"])(
  "the answer %s is the text that stands in the file",
  async (written) => {
    const path = file("number.yaml", CAPITALS.replace("Paris", written));
    const [item] = (await readTask(path)).items;
    expect(item!.rule).toMatchObject({ by: "text" });
    const rule = item!.rule as { score: (prediction: string) => object };
    expect(rule.score(written)).toEqual({ score: 1 });
  },
);

test("the same in JSON, with items in a file beside it: JSON Lines, CSV, a JSON array", async () => {
  const rows = [
    { id: 7, q: "One?", options: ["yes", "no"], right: "yes" },
    { id: "b", q: "Two?", options: ["yes", "no"], right: "B" },
  ];
  file("rows.jsonl", rows.map((row) => JSON.stringify(row)).join("\n"));
  file("rows.json", JSON.stringify(rows));
  file("rows.csv", 'id,q,options,right\n7,One?,"[""yes"", ""no""]",yes\nb,Two?,"[""yes"", ""no""]",B\n');
  for (const items of ["rows.jsonl", "rows.json", "rows.csv"]) {
    const scorer = { type: "multiple-choice", choices: "options", target: "right", by: "likelihood" };
    const spec = { name: "two", items, prompt: { instruction: "{q}", input: "{options}" }, scorer };
    const task = await readTask(file("two.json", JSON.stringify(spec, null, "\t")));
    expect(task.items.map(({ id }) => id)).toEqual(["7", "b"]);
    expect(task.items[0]).toMatchObject({
      prompt: { instruction: "One?", input: "A. yes\nB. no" },
      rule: { by: "likelihood", choices: ["yes", "no"], target: 0 },
    });
    expect(task.items[1]!.rule).toMatchObject({ target: 1 });
  }
});

test("a task in code", async () => {
  const items = [{ word: "cat" }, { word: "dog" }];
  const prompt = { text: "{word} in French:" };
  const scorer = { type: "exact-match", target: "word" };
  const task = await defineTask({ name: "words", items, prompt, stop: "\n", scorer });
  expect(questionsOf(task)[1]).toMatchObject({ id: "1", prompt: { text: "dog in French:" }, stop: ["\n"] });
  await expect(
    defineTask({ name: "words", items, prompt, scorer: { type: "exact-match", taget: "word" } }),
  ).rejects.toThrow(/^words\.scorer\.taget: unknown key "taget"; did you mean "target"\?$/);
});

/** A change to the file above, and the message that it gets. */
const FAULTS: [string, string | RegExp, string, RegExp][] = [
  ["no YAML", "items:", "items: [", /not valid YAML \(.*line \d+/],
  ["a key twice", "stop:", "name: x\nstop:", /not valid YAML \(.*unique/],
  ["an unknown key", "stop:", "stops:", /line 8: unknown key "stops"; did you mean "stop"\?/],
  [
    "an unknown key of a prompt",
    /prompt: .*/,
    "prompt:\n  instructions: x",
    /line 8: unknown key "instructions"; did you mean "instruction"\?/,
  ],
  ["no prompt at all", /prompt: .*/, "prompt: {}", /line 7: prompt: expected an instruction/],
  [
    "a prompt of two forms",
    /prompt: .*/,
    "prompt: {text: a, input: b}",
    /line 7: prompt: expected an instruction/,
  ],
  ["a missing key", "name: capitals\n", "", /: name is missing; expected is a text/],
  ["a name for no file", "name: capitals", "name: ../capitals", /line 1: name: expected small letters/],
  ["no items", /items:\n(?: {2}.*\n)+/, "items: []\n", /line 2: items: expected a list of items/],
  [
    "an item that is none",
    "  - country: France\n    capital: Paris",
    "  - France",
    /line 3: items.0: expected fields/,
  ],
  [
    "an unknown scorer",
    "exact-match",
    "exact-mach",
    /line 10: unknown scorer "exact-mach"; did you mean "exact-match"\?/,
  ],
  [
    "a scorer's unknown key",
    "  target:",
    "  targt:",
    /line 11: unknown key "targt"; did you mean "target"\?/,
  ],
  [
    "a scorer without keys",
    "scorer:\n  type: exact-match\n  target: capital",
    "scorer: exact-match",
    /line 9: scorer: expected is keys and values, found a text/,
  ],
  [
    "a scorer's missing key",
    "  target: capital\n",
    "",
    /line 9: scorer.target is missing; expected is a text/,
  ],
  [
    "a scorer's wrong value",
    "target: capital",
    "target: capital\n  ignore: [cases]",
    /line 12: scorer.ignore.0: .*"case"/,
  ],
  [
    "a placeholder of no field",
    "{country}",
    "{contry}",
    /line 3, item "0": there is no field "contry"; did you mean "country"\?/,
  ],
  ["double braces", "{country}", "{{country}}", /line 3, item "0": the prompt has \{\{country\}\}/],
  [
    "an item without the field",
    "country: Japan",
    "land: Japan",
    /line 5, item "1": there is no field "country"; known are land, capital\./,
  ],
  ["a field of the wrong kind", "[Tokyo, Tōkyō]", "{a: 1}", /item "1": the field "capital" holds an object/],
  [
    "an id twice",
    "country: Japan",
    "country: Japan\n    id: 0",
    /line 5: a second item "0"; the first: .*line 3/,
  ],
  [
    "an id that is none",
    "country: Japan",
    "country: Japan\n    id: [7]",
    /line 5: the id is \[7\]; expected/,
  ],
  ["a name of ours", "name: capitals", "name: model", /line 1: name: this name is taken/],
  ["a name of a benchmark", "name: capitals", "name: super-ni-2-shot", /line 1: name: this name is taken/],
  [
    "a file that is not there",
    /items:\n(?: {2}.*\n)+/,
    "items: none.jsonl\n",
    /none\.jsonl cannot be read: there is no such file/,
  ],
];

test.each(FAULTS)("%s", async (_, from, to, message) => {
  const changed = CAPITALS.replace(from, to);
  expect(changed).not.toBe(CAPITALS);
  const path = file("faulty.yaml", changed);
  await expect(readTask(path)).rejects.toThrow(message);
  await expect(readTask(path)).rejects.toMatchObject({ name: "UserError" });
});

test("settings of scorers that cannot be meant", async () => {
  const scored = (scorer: object, more: object = {}): Promise<unknown> =>
    readTask(
      file(
        "scored.json",
        JSON.stringify({
          name: "x",
          items: [{ q: "?", choices: ["B", "A"], letter: "B", far: "Z", pattern: "(", n: 5 }],
          prompt: "{q}",
          scorer,
          ...more,
        }),
      ),
    );
  const choice = { type: "multiple-choice", choices: "choices", target: "letter" };
  await expect(scored(choice)).rejects.toThrow(
    /holds "B", which may be A or B; the right choice is named by its text, its letter or/,
  );
  await expect(scored({ ...choice, target: "far" })).rejects.toThrow(
    /"Z", which is no choice; expected is a letter from A to B/,
  );
  await expect(scored({ ...choice, target: "n" })).rejects.toThrow(/holds 5, which is no choice/);
  await expect(scored({ ...choice, choices: "q" })).rejects.toThrow(
    /holds a text; expected is a list of at least two/,
  );
  await expect(scored({ ...choice, per: "token" })).rejects.toThrow(
    /per: has no effect without by: likelihood/,
  );
  await expect(scored({ ...choice, by: "likelihood" }, { maxTokens: 5 })).rejects.toThrow(
    /maxTokens has no effect/,
  );
  const regex = { type: "regex" };
  await expect(scored(regex)).rejects.toThrow(/scorer: expected either pattern or patternField/);
  await expect(scored({ ...regex, pattern: "a(" })).rejects.toThrow(/scorer.pattern: .*Unterminated group/);
  await expect(scored({ ...regex, patternField: "pattern" })).rejects.toThrow(
    /the field "pattern": .*Unterminated group/,
  );
  await expect(scored({ ...regex, pattern: "a", flags: "g" })).rejects.toThrow(/expected flags out of/);
  await expect(scored({ ...regex, pattern: "a", group: 1 })).rejects.toThrow(
    /no effect without target|has no group 1/,
  );
  await expect(scored({ ...regex, pattern: "(?<x>a)", target: "q", group: "y" })).rejects.toThrow(
    /has no group y/,
  );
});

test("aliases of aliases do not fill the memory", async () => {
  const levels = Array.from(
    { length: 12 },
    (_, level) => `l${level + 1}: &l${level + 1} [${"*l0, ".replaceAll("0", String(level)).repeat(9)}]`,
  );
  const bomb = ["l0: &l0 [x, x]", ...levels].join("\n");
  await expect(readTask(file("bomb.yaml", bomb))).rejects.toThrow(/not valid YAML/);
});
