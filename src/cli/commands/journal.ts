/** `tuna journal`: what is in a journal of paid replies. */
import { z } from "zod";
import { writeJsonLines } from "../../data/jsonl.ts";
import { type JournalLine, inDollars, readJournal } from "../../llm/index.ts";
import { checkOutputs } from "../../recipe/output-file.ts";
import { defineCommand } from "../command.ts";
import { table } from "../table.ts";

export const command = defineCommand({
  name: "journal",
  summary: "Requests, retries, tokens and cost of paid replies.",
  examples: [
    "tuna journal --journal ranked.jsonl.journal.sqlite",
    "tuna journal --journal shared.sqlite --export replies.jsonl --json",
  ],
  options: z.strictObject({
    journal: z
      .string()
      .meta({ placeholder: "F.sqlite" })
      .describe("Written by tuna sample --teacher and tuna rank contextual, OUT.journal.sqlite by default."),
    export: z
      .string()
      .optional()
      .meta({ placeholder: "F.jsonl" })
      .describe("Write every reply here, one a line, in the order in which they came."),
  }),
  async run({ journal: path, export: exported }, io) {
    checkOutputs({ "--export": exported }, { "--journal": path });
    const journal = await readJournal(path);
    try {
      if (exported !== undefined) await writeJsonLines(exported, journal.entries());
      const lines = journal.lines();
      io.result({ journal: path, lines, ...(exported !== undefined && { exported }) }, inWords(path, lines));
    } finally {
      journal.close();
    }
  },
});

const HEADINGS = [
  "stage",
  "model",
  "requests",
  "retries",
  "lost",
  "open",
  "replies",
  "prompt",
  "completion",
  "cost",
  "unsure",
];

function inWords(path: string, lines: readonly JournalLine[]): string {
  if (lines.length === 0) return `${path}: empty`;
  const rows = lines.map((line) => [
    line.stage || "imported",
    line.model === "" ? "unknown" : `${line.server}#${line.model}`,
    line.requests,
    line.retries,
    line.lost,
    line.open,
    line.replies,
    line.promptTokens,
    line.completionTokens,
    line.cost === null ? "price unknown" : inDollars(line.cost),
    line.unsureCost === null ? "" : inDollars(line.unsureCost),
  ]);
  return table([HEADINGS, ...rows]);
}
