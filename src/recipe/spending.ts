/** What stages that pay for replies have in common: the journal, prices and a budget. */
import { z } from "zod";
import { type JournalFile, type PriceTable, openJournal, openPrices } from "../llm/index.ts";
import { POCKET } from "./judge.ts";
import { LOCAL } from "./local-reference.ts";

/** Free: they bound what is paid, but not what is made. Paths start where the command is started. */
export const spendingFields = {
  journal: z
    .string()
    .optional()
    .meta({ placeholder: "F.sqlite", free: true })
    .describe(
      "With a server: keeps every paid reply; several runs may share it. Default: OUT.journal.sqlite.",
    ),
  budget: z
    .number()
    .positive()
    .optional()
    .meta({ placeholder: "DOLLARS", free: true })
    .describe("With a server: stop before the request with which the journal's replies could cost more."),
  prices: z
    .string()
    .optional()
    .meta({ placeholder: "F.yaml", free: true })
    .describe("With a server: your own prices; see tuna cost. Default: list prices."),
} as const;

/** Of stages; a recipe's run has it from them. */
export const batchField = z
  .boolean()
  .optional()
  .meta({ free: true })
  .describe("With a server: ask by OpenAI's Batch API. Run the same command again to collect the replies.");

export interface SpendingOptions {
  readonly journal?: string | undefined;
  readonly budget?: number | undefined;
  readonly prices?: string | undefined;
}

export function journalPath({ out, journal }: SpendingOptions & { readonly out: string }): string {
  return journal ?? `${out}.journal.sqlite`;
}

/** The journal of a stage, with what an earlier Tuna kept beside its output. */
export function openStageJournal(
  stage: string,
  options: SpendingOptions & { readonly out: string },
): Promise<JournalFile> {
  const { out, budget, prices } = options;
  return openJournal(journalPath(options), {
    stage,
    spending: { prices: openStagePrices(prices), budget },
    jsonLines: `${out}.journal.jsonl`,
  });
}

export function openStagePrices(path: string | undefined): PriceTable {
  const prices = openPrices(path);
  return {
    date: prices.date,
    // The pocket world's judge and local models run in this process.
    priceOf: (server, model) =>
      server === POCKET || server.startsWith(LOCAL)
        ? { prompt: 0, completion: 0 }
        : prices.priceOf(server, model),
  };
}
