import { describe, expect, test } from "vitest";
import { z } from "zod";
import { InternalError, UserError } from "../errors.ts";
import { defineCommand } from "./command.ts";
import { parseFlags } from "./parse-flags.ts";

const sample = defineCommand({
  name: "sample",
  summary: "",
  examples: [],
  options: z
    .strictObject({
      model: z.string().meta({ placeholder: "DIR" }),
      teacher: z
        .string()
        .refine((text) => text.includes("#"), "expected URL#MODEL")
        .optional(),
      lengthPenalty: z.number().nonnegative().default(1.3),
      temperature: z.number().min(0).max(2).default(1),
      lr: z.number().positive().optional(),
      n: z.int().min(1).default(4),
      shots: z.literal([0, 2]).default(0),
      preset: z.enum(["paper", "lmops"]).default("paper"),
      truncate: z.boolean().default(true),
      answers: z.array(z.string()).length(2).optional(),
      betas: z.array(z.number().lt(1)).optional(),
      predictions: z.string().optional(),
    })
    .refine(
      ({ teacher, predictions }) => !(teacher && predictions),
      "give --teacher or --predictions, not both",
    ),
  run() {},
});

const recipe = defineCommand({
  name: "recipe",
  summary: "",
  examples: [],
  options: z.strictObject({
    recipe: z.string().meta({ placeholder: "RECIPE.yaml" }),
    out: z.string().optional(),
    rest: z.array(z.string()).optional(),
  }),
  positionals: ["recipe", "rest"],
  run() {},
});

const defaults = {
  model: "m",
  lengthPenalty: 1.3,
  temperature: 1,
  n: 4,
  shots: 0,
  preset: "paper",
  truncate: true,
};

/** The command line as a person types it; a text of several words stands in quotes. */
function argv(line: string): string[] {
  return Array.from(line.matchAll(/"([^"]*)"|\S+/g), ([word, quoted]) => quoted ?? word);
}

const parse = (line: string) => parseFlags(argv(line), sample);

describe("values", () => {
  const cases: [string, object][] = [
    ["--model m", {}],
    ["--model=m", {}],
    ["--model m --length-penalty 2 --temperature .5", { lengthPenalty: 2, temperature: 0.5 }],
    ["--model m --lr 1e-5 --n 1e1", { lr: 1e-5, n: 10 }],
    ["--model m --lr=+3.", { lr: 3 }],
    ["--model m --shots 2 --preset lmops", { shots: 2, preset: "lmops" }],
    ["--no-truncate --model m", { truncate: false }],
    ["--truncate --model m", { truncate: true }],
    ["--model m --answers a b --n 2", { answers: ["a", "b"], n: 2 }],
    ["--model m --answers a --answers=b", { answers: ["a", "b"] }],
    ["--model m --betas -1 0.5 -.25", { betas: [-1, 0.5, -0.25] }],
    ["--model=a=b#c", { model: "a=b#c" }],
    ["--model=--x", { model: "--x" }],
    ['--model ""', { model: "" }],
    ['--model "- a list item"', { model: "- a list item" }],
    ["--model - --json", { model: "-" }],
    ['--model="two words\nand a line"', { model: "two words\nand a line" }],
  ];
  test.each(cases)("%s", (line, expected) => {
    const words = line.startsWith('--model="') ? [line.replaceAll('"', "")] : argv(line);
    expect(parseFlags(words, sample)).toEqual({ ...defaults, ...expected });
  });

  test("positionals come in order, before, between and after flags, and after --", () => {
    const parseRecipe = (line: string) => parseFlags(argv(line), recipe);
    expect(parseRecipe("r.yaml")).toEqual({ recipe: "r.yaml" });
    expect(parseRecipe("r.yaml --out o a b")).toEqual({ recipe: "r.yaml", out: "o", rest: ["a", "b"] });
    expect(parseRecipe("--out o r.yaml a")).toEqual({ recipe: "r.yaml", out: "o", rest: ["a"] });
    expect(parseRecipe("-- --odd.yaml --out")).toEqual({ recipe: "--odd.yaml", rest: ["--out"] });
  });
});

describe("one clear message for each mistake", () => {
  const cases: [string, string, string][] = [
    [
      "--model m --lenght-penalty 1",
      "cli-unknown-flag",
      "unknown flag --lenght-penalty; did you mean --length-penalty?",
    ],
    ["--model m --lengthPenalty=1", "cli-unknown-flag", "did you mean --length-penalty?"],
    ["--model m --temp 1", "cli-unknown-flag", "did you mean --temperature?"],
    ["--model m --no-trunkate", "cli-unknown-flag", "did you mean --no-truncate?"],
    ["--model m --no-model", "cli-unknown-flag", "unknown flag --no-model; did you mean --model?"],
    ["--model m --jsn", "cli-unknown-flag", "did you mean --json?"],
    ["-m m", "cli-unknown-flag", "unknown flag -m"],
    ["--model", "cli-missing-value", "--model needs a value: --model DIR"],
    [
      "--model --n 3",
      "cli-missing-value",
      '--model needs a value: --model DIR (one that begins with "-" is written --model=VALUE)',
    ],
    ["--model m --answers --json", "cli-missing-value", "--answers needs a value"],
    [
      "--model m --temperature abc",
      "cli-wrong-value",
      '--temperature: expected a number from 0 to 2, got "abc"',
    ],
    [
      "--model m --temperature -1",
      "cli-wrong-value",
      '--temperature: expected a number from 0 to 2, got "-1"',
    ],
    ["--model m --temperature=3", "cli-wrong-value", '--temperature: expected a number from 0 to 2, got "3"'],
    ["--model m --temperature 0x1", "cli-wrong-value", 'expected a number from 0 to 2, got "0x1"'],
    ["--model m --temperature=", "cli-wrong-value", 'expected a number from 0 to 2, got ""'],
    [
      "--model m --length-penalty -0.5",
      "cli-wrong-value",
      '--length-penalty: expected a number of at least 0, got "-0.5"',
    ],
    ["--model m --lr 0", "cli-wrong-value", '--lr: expected a number above 0, got "0"'],
    ["--model m --lr 1e999", "cli-wrong-value", '--lr: expected a number above 0, got "1e999"'],
    ["--model m --n 2.5", "cli-wrong-value", '--n: expected a whole number of at least 1, got "2.5"'],
    ["--model m --n 0", "cli-wrong-value", '--n: expected a whole number of at least 1, got "0"'],
    ["--model m --shots 1", "cli-wrong-value", '--shots: expected one of 0, 2, got "1"'],
    ["--model m --preset ppaer", "cli-wrong-value", '--preset: expected one of paper, lmops, got "ppaer"'],
    ["--model m --answers a", "cli-wrong-value", "--answers: expected 2 values, got 1"],
    ["--model m --answers a b c", "cli-wrong-value", "--answers: expected 2 values, got 3"],
    ["--model m --betas 0.9 1.5", "cli-wrong-value", '--betas: expected a number below 1, got "1.5"'],
    ["--model m --teacher http://x", "cli-wrong-value", "--teacher: expected URL#MODEL"],
    [
      "--model m --teacher x#y --predictions p",
      "cli-wrong-value",
      "give --teacher or --predictions, not both",
    ],
    ["--n 3", "cli-missing-flag", "missing --model DIR"],
    ["--model m extra", "cli-unexpected-argument", 'unexpected argument "extra"'],
    ["--model m -- --n", "cli-unexpected-argument", 'unexpected argument "--n"'],
    ["--model a --model b", "cli-repeated-flag", "--model is given twice"],
    ["--model a --truncate --no-truncate", "cli-repeated-flag", "--truncate is given twice"],
    [
      "--model a --truncate=yes",
      "cli-unexpected-value",
      "--truncate takes no value: write --truncate or --no-truncate",
    ],
  ];
  test.each(cases)("%s", (line, code, message) => {
    const error = errorOf(() => parse(line));
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) as string });
    expect(error.message).not.toContain("\n");
  });

  test("all that is missing is named at once", () => {
    const command = defineCommand({
      ...recipe,
      options: z.strictObject({
        recipe: z.string().meta({ placeholder: "RECIPE" }),
        out: z.string(),
        rest: z.array(z.string()),
      }),
    });
    expect(errorOf(() => parseFlags([], command)).message).toMatch(
      /^missing RECIPE and --out TEXT and TEXT;/,
    );
  });
});

test("a field that no command line can give is a fault of the command", () => {
  for (const field of [
    z.object({}),
    z.number().nullable(),
    z.array(z.boolean()),
    z.record(z.string(), z.string()),
  ]) {
    const options = z.strictObject({ field });
    const command = defineCommand({ name: "odd", summary: "", examples: [], options, run() {} });
    expect(() => parseFlags([], command)).toThrow(InternalError);
  }
});

function errorOf(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("nothing was thrown");
}
