/** The pocket run's report in Markdown, and its table for a terminal. */
import type { InstructionRow } from "../data/record.ts";
import type { MeanInterval } from "../evaluate/statistics/statistics.ts";
import type { Answers, Scores } from "./pocket-evaluation.ts";

export interface ModelScores {
  readonly model: string;
  readonly heldOut: Scores;
  readonly heldOutFamilies: Scores;
}

const COLUMNS = [
  ["accuracy", "accuracy"],
  ["rougeL", "ROUGE-L"],
  ["win", "win"],
  ["lose", "lose"],
  ["tie", "tie"],
] as const;

/** Rows of cells, the header first: percentages, on held-out instructions and on held-out families. */
export function tableCells(rows: readonly ModelScores[], { intervals }: { intervals: boolean }): string[][] {
  const header = [
    "model",
    ...COLUMNS.map(([, title]) => title),
    ...COLUMNS.map(([, title]) => `families: ${title}`),
  ];
  const cells = ({ model, heldOut, heldOutFamilies }: ModelScores): string[] => [
    model,
    ...[heldOut, heldOutFamilies].flatMap((scores) =>
      COLUMNS.map(([key]) => percent(scores[key], intervals)),
    ),
  ];
  return [header, ...rows.map(cells)];
}

export interface ReportOptions {
  readonly table: readonly ModelScores[];
  readonly examples: readonly { row: InstructionRow; answers: Readonly<Record<string, string>> }[];
  readonly numHeldOut: number;
  readonly numHeldOutFamilies: number;
}

export function reportMarkdown({ table, examples, numHeldOut, numHeldOutFamilies }: ReportOptions): string {
  const [header, ...rows] = tableCells(table, { intervals: true });
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    "# Pocket Tuna\n",
    `Percentages with 95 % bootstrap intervals, on ${numHeldOut} held-out instructions of trained families and on ` +
      `${numHeldOutFamilies} of two families that no model has seen. Accuracy counts close-ended instructions; win, lose and tie are ` +
      "the judge's verdicts against SFT.\n",
    line(header!),
    line(header!.map(() => "---")),
    ...rows.map(line),
    ...unjudgedNote(table),
    "\n## Training\n",
    "![Training curves](curves.svg)\n",
    "## Examples\n",
    ...examples.map(exampleMarkdown),
  ].join("\n");
}

/** Empty where the judge gave a verdict on every pair. */
function unjudgedNote(table: readonly ModelScores[]): string[] {
  const counts = table
    .map(({ model, heldOut, heldOutFamilies }) => ({
      model,
      count: heldOut.numUnjudged + heldOutFamilies.numUnjudged,
    }))
    .filter(({ count }) => count > 0)
    .map(({ model, count }) => `${model} ${count}`);
  if (counts.length === 0) return [];
  return [`\nPairs counted as ties because the judge's reply could not be used: ${counts.join(", ")}.`];
}

/** Held-out rows on which the models differ most visibly: where the last one's answer is not the baseline's. */
export function pickExamples(
  rows: readonly InstructionRow[],
  answers: ReadonlyMap<string, Answers>,
  count: number,
): ReportOptions["examples"] {
  const models = [...answers];
  const [, last] = models.at(-1)!;
  const baseline = answers.get("SFT")!;
  return rows
    .flatMap((row, index) => (last[index] === baseline[index] ? [] : [{ row, index }]))
    .slice(0, count)
    .map(({ row, index }) => ({
      row,
      answers: Object.fromEntries(models.map(([model, texts]) => [model, texts[index]!])),
    }));
}

function exampleMarkdown({ row, answers }: ReportOptions["examples"][number]): string {
  const quoted = (text: string): string =>
    text
      .split("\n")
      .map((each) => `> ${each}`)
      .join("\n");
  const request = row.input === "" ? row.instruction : `${row.instruction}\n${row.input}`;
  const responses = Object.entries(answers).map(
    ([model, text]) => `- **${model}**: ${text.replaceAll("\n", " / ")}`,
  );
  return `${quoted(request)}\n\n${responses.join("\n")}\n- reference: ${row.output.replaceAll("\n", " / ")}\n`;
}

function percent({ mean, low, high }: MeanInterval, intervals: boolean): string {
  const number = (value: number): string => (100 * value).toFixed(1);
  return intervals ? `${number(mean)} (${number(low)}-${number(high)})` : number(mean);
}
