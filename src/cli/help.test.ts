import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineCommand } from "./command.ts";
import type { Registry } from "./find-command.ts";
import { commandHelp, groupHelp, overviewHelp } from "./help.ts";
import { registry as allCommands } from "./registry.ts";

const train = defineCommand({
  name: "train",
  summary: "Trains a student on ranked lists.",
  examples: ["tuna train --model M --data ranked.jsonl --out DIR"],
  options: z.strictObject({
    model: z.string().meta({ placeholder: "DIR" }).describe("The student, a Hugging Face folder."),
    data: z.string().meta({ placeholder: "F.jsonl" }),
    preset: z.enum(["paper", "lmops"]).default("paper").describe("Whose settings."),
    lr: z.number().positive().default(1e-5).describe("Peak learning rate."),
    margin: z.number().min(0).max(1).optional().describe("The margin m of Eq. 5."),
    shots: z.literal([0, 2]).default(0),
    answers: z.array(z.string()).default(["a", "b"]).meta({ placeholder: "A B" }),
    mixOriginal: z.boolean().default(true).describe("Rank the original as well."),
    resume: z
      .boolean()
      .optional()
      .describe(
        "A text that is long enough to need a second line in the help, since it goes on and on without saying more.",
      ),
  }),
  run() {},
});

const run = defineCommand({
  name: "run",
  summary: "Runs a recipe; run it again to resume.",
  examples: ["tuna run paper.yaml"],
  options: z.strictObject({
    recipe: z.string().meta({ placeholder: "RECIPE.yaml" }).describe("The stages."),
    only: z.array(z.string()).optional().meta({ placeholder: "STAGE..." }),
  }),
  positionals: ["recipe", "only"],
  run() {},
});

const rankProxy = defineCommand({ ...run, name: "rank proxy", summary: "Ranks with a smaller model." });

const registry: Registry = {
  run: () => Promise.resolve({ command: run }),
  train: () => Promise.resolve({ command: train }),
  "rank proxy": () => Promise.resolve({ command: rankProxy }),
  "rank broken": () => Promise.reject(new Error("cannot open libmissing.so")),
};

test("a command", () => {
  expect(commandHelp(train)).toMatchInlineSnapshot(`
    "Trains a student on ranked lists.

    Usage: tuna train --model DIR --data F.jsonl [FLAGS]

    Flags
      --model DIR           The student, a Hugging Face folder. Required.
      --data F.jsonl        Required.
      --preset paper|lmops  Whose settings. Default: paper.
      --lr NUMBER           Peak learning rate. A number above 0. Default: 1e-5.
      --margin NUMBER       The margin m of Eq. 5. A number from 0 to 1.
      --shots 0|2           Default: 0.
      --answers A B         Default: a b.
      --[no-]mix-original   Rank the original as well. On by default.
      --resume              A text that is long enough to need a second line in the help, since it goes
                            on and on without saying more.
      --json                Print the result as one line of JSON on stdout.
      --help                Show this help.

    Examples
      tuna train --model M --data ranked.jsonl --out DIR"
  `);
});

test("a command with positionals", () => {
  expect(commandHelp(run)).toMatchInlineSnapshot(`
    "Runs a recipe; run it again to resume.

    Usage: tuna run RECIPE.yaml [STAGE...] [FLAGS]

    Arguments
      RECIPE.yaml  The stages.
      STAGE...

    Flags
      --json  Print the result as one line of JSON on stdout.
      --help  Show this help.

    Examples
      tuna run paper.yaml"
  `);
});

test("a group", async () => {
  expect(await groupHelp("rank", registry)).toMatchInlineSnapshot(`
    "Usage: tuna rank COMMAND [FLAGS]

      tuna rank proxy   Ranks with a smaller model.
      tuna rank broken  (does not load here: Error: cannot open libmissing.so)"
  `);
});

test("everything, with a command that does not load", async () => {
  expect(await overviewHelp(registry, { description: "What Tuna is." })).toMatchInlineSnapshot(`
    "What Tuna is.

    Usage: tuna COMMAND [FLAGS]

      tuna run          Runs a recipe; run it again to resume.
      tuna train        Trains a student on ranked lists.

      tuna rank proxy   Ranks with a smaller model.
      tuna rank broken  (does not load here: Error: cannot open libmissing.so)

    tuna COMMAND --help shows the flags of a command, tuna --version the version."
  `);
});

describe.each(Object.keys(allCommands))("tuna %s", (name) => {
  test("has the help of its name, with a text for each flag, in lines that fit", async () => {
    const { command } = await allCommands[name]!();
    const help = commandHelp(command);
    expect(help).toContain(`Usage: tuna ${name}`);
    // An example may be longer: broken in two, it could not be copied.
    const [text = ""] = help.split("\nExamples\n");
    expect(text.split("\n").filter((line) => line.length > 100)).toEqual([]);
    // Every command has these two; its own would never be seen.
    expect(command.options.shape).not.toHaveProperty("json");
    expect(command.options.shape).not.toHaveProperty("help");
    for (const field of Object.values(command.options.shape)) {
      expect(z.toJSONSchema(field, { io: "input" }).description).toMatch(/\w.*\.$/);
    }
  });
});
