/** `tuna data describe`: what a data set holds; lengths by rank as in the paper's Table 4. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Description, type LengthOf, describeRows, wordsIn } from "../../data/describe.ts";
import type { Mean } from "../../data/running-mean.ts";
import { UserError } from "../../errors.ts";
import { type Tokenizer, createTokenizer } from "../../model/index.ts";
import { checkDataPaths, dataFields, readingData } from "../../recipe/data-stage.ts";
import { fields } from "../../recipe/fields.ts";
import { resolveModelFolder } from "../../recipe/model-folder.ts";
import { defineCommand } from "../command.ts";
import { table } from "../table.ts";

export const command = defineCommand({
  name: "data describe",
  summary: "Count what a data set holds: rows, responses, lengths by rank (Table 4), duplicates, sources.",
  examples: [
    "tuna data describe --data ranked.jsonl",
    "tuna data describe --data alpaca.json --model runs/sft --json",
  ],
  options: z.strictObject({
    data: dataFields.data,
    model: fields.model.optional().describe("Count tokens of this model's tokenizer too, beside words."),
    format: dataFields.format,
    rejects: dataFields.rejects,
  }),
  async run(options, io) {
    const { data, model, rejects: rejectsPath } = options;
    checkDataPaths(options);
    const units: Record<string, LengthOf> = { words: wordsIn };
    if (model !== undefined) {
      const tokenizer = readTokenizer(await resolveModelFolder(model, io));
      units["tokens"] = (text) => tokenizer.encode(text, { addSpecialTokens: false }).length;
    }
    const { description, rejected } = await readingData(options, io, async ({ rows, rejects }) => {
      const found = await describeRows(rows(data), units);
      return { description: found, rejected: rejects.count };
    });
    const value = { data, ...description, rejected };
    const note = rejected > 0 ? `\n${rejected} rejected: ${rejectsPath}` : "";
    io.result(value, `${inWords(description)}${note}`);
  },
});

/** Of a folder that need hold no weights. */
function readTokenizer(folder: string): Tokenizer {
  const [tokenizer, config] = ["tokenizer.json", "tokenizer_config.json"].map((name) => join(folder, name));
  if (!existsSync(tokenizer!))
    throw new UserError(`${tokenizer} is missing: --model takes a folder with a tokenizer.`, {
      code: "tokenizer-missing",
    });
  const read = (path: string): string => readFileSync(path, "utf8");
  const files = { tokenizer: read(tokenizer!), config: existsSync(config!) ? read(config!) : "{}" };
  return createTokenizer(files, folder);
}

function inWords(description: Description): string {
  const { rows, lists, withInput, withOriginal, responses, unranked, withTies, duplicates } = description;
  const share = (count: number, of: number): string =>
    of === 0 ? String(count) : `${count} (${((100 * count) / of).toFixed(1)} %)`;
  const counts: [string, string][] = [
    ["rows", String(rows)],
    ["with an input", share(withInput, rows)],
    ["with an original response", share(withOriginal, rows)],
    ["repeated instructions", String(duplicates.instructions)],
    ["repeated ids", String(duplicates.ids)],
  ];
  if (lists > 0) {
    counts.push(
      ["ranked lists", String(lists)],
      ["responses", `${responses} (${listed(description.responsesPerList, "in a list, lists:")})`],
      ["responses without a rank", share(unranked, responses)],
      ["lists with ties", share(withTies, lists)],
      ["repeated responses", String(duplicates.responses)],
      ["rankings", listed(description.rankings) || "none"],
      ["sources", listed(description.sources) || "none given"],
    );
  }
  return `${table(counts)}\n\n${lengthTable(description)}`;
}

/** A line for each kind of text, a column for each unit. */
function lengthTable({ lengths }: Description): string {
  const units = Object.entries(lengths);
  const [, first] = units[0]!;
  const line = (name: string, pick: (of: (typeof units)[number][1]) => Mean | undefined): string[][] => {
    const means = units.map(([, each]) => pick(each));
    if ((means[0]?.count ?? 0) === 0) return [];
    return [[name, String(means[0]!.count), ...means.map((each) => each!.mean!.toFixed(1))]];
  };
  return table([
    ["mean length of", "texts", ...units.map(([unit]) => unit)],
    ...line("instruction", ({ instruction }) => instruction),
    ...line("input", ({ input }) => input),
    ...line("original response", ({ original }) => original),
    ...line("responses", ({ responses }) => responses),
    ...first.byRank.flatMap((_, rank) => line(`  rank ${rank + 1}`, ({ byRank }) => byRank[rank])),
  ]);
}

function listed(counts: Readonly<Record<string, number>>, between = ""): string {
  return Object.entries(counts)
    .map(([name, count]) => [name, between, count].filter((part) => part !== "").join(" "))
    .join(", ");
}
