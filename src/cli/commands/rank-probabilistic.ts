/** `tuna rank probabilistic`: Eq. 3, and what its length penalty does to the data. */
import { z } from "zod";
import { readLists } from "../../data/read-rows.ts";
import { UserError } from "../../errors.ts";
import { type LengthPenaltySweep, sweepLengthPenalty } from "../../recipe/length-penalty-sweep.ts";
import { rankProbabilistic } from "../../recipe/stages/rank-probabilistic.ts";
import { defineCommand } from "../command.ts";
import { table } from "../table.ts";

const { shape } = rankProbabilistic.options;

export const command = defineCommand({
  name: rankProbabilistic.kind,
  summary: rankProbabilistic.summary,
  examples: [
    "tuna rank probabilistic --data sampled.jsonl --out ranked.jsonl",
    "tuna rank probabilistic --data sampled.jsonl --beta-sweep 0.7,1,1.3,1.6",
  ],
  options: z.strictObject({
    ...shape,
    out: shape.out.optional().describe("File to write. Required without --beta-sweep."),
    betaSweep: z
      .string()
      .optional()
      .meta({ placeholder: "BETA,BETA" })
      .describe("Report how each of these changes order and length against --length-penalty."),
  }),
  async run({ out, betaSweep, ...options }, io) {
    const betas = betaSweep === undefined ? undefined : parseBetas(betaSweep);
    if (betas === undefined && out === undefined) {
      throw new UserError("missing --out F.jsonl; --help shows what the command takes", {
        code: "cli-missing-flag",
      });
    }
    const ranking = out === undefined ? undefined : await rankProbabilistic.run({ ...options, out }, io);
    if (betas === undefined) return io.result(ranking!.value, ranking!.text);
    const { data, format, lengthPenalty: chosen } = options;
    const sweep = await sweepLengthPenalty(readLists(data, { format }), { betas, chosen });
    const text = inWords(sweep);
    io.result(
      { data, ...ranking?.value, sweep },
      ranking === undefined ? text : `${ranking.text}\n\n${text}`,
    );
  },
});

function parseBetas(text: string): number[] {
  const betas = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (betas.every((beta) => Number.isFinite(beta) && beta >= 0)) return betas;
  throw new UserError(
    `--beta-sweep: expected numbers of at least 0 with commas between them, such as 0.7,1,1.3,1.6, got ${JSON.stringify(text)}`,
    { code: "cli-wrong-value" },
  );
}

/** A line for each beta. */
function inWords({ lists, responses, chosen, betas }: LengthPenaltySweep): string {
  if (lists === 0) return "No list has two scored responses, so there is no order to compare.";
  const numRanks = Math.max(...betas.map(({ tokensByRank }) => tokensByRank.length));
  const ranks = Array.from({ length: numRanks }, (_, rank) => rank);
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const rows = betas.map(({ beta, orderChanged, bestChanged, kendallTau, tokensByRank }) => [
    beta === chosen ? `${beta} (chosen)` : `${beta}`,
    percent(orderChanged),
    percent(bestChanged),
    kendallTau === null ? "-" : kendallTau.toFixed(3),
    ...ranks.map((rank) => tokensByRank[rank]?.mean?.toFixed(1) ?? "-"),
  ]);
  const headings = [
    "beta",
    "order differs",
    "best differs",
    "Kendall's tau",
    ...ranks.map((rank) => (rank === 0 ? "tokens at rank 1" : `${rank + 1}`)),
  ];
  const counts = `${lists} lists, ${responses} scored responses; compared with the order by beta ${chosen}`;
  return `${counts}\n\n${table([headings, ...rows])}`;
}
