/**
 * What a recipe will ask servers for, and what that costs, found without asking: requests are predictable, prompts are
 * known, and only the length of replies is a guess. It counts a whole run; replies that a journal holds are not paid again.
 */
import { UserError } from "../errors.ts";
import { type JournalLine, type PriceTable, costOf } from "../llm/index.ts";
import { rowsAhead } from "./cost-rows.ts";
import type { Range, ServerUse } from "./cost-outlook.ts";
import { type PlannedStage, optionsOf } from "./plan.ts";

export interface ForecastLine extends ServerUse {
  /** The stage's name in the recipe. */
  stage: string;
  kind: string;
  /** In dollars; null where the price is not known. */
  cost: Range | null;
  /** Replies of this stage and model that the journal has and whose lengths were used. */
  measuredReplies: number;
}

export interface Forecast {
  pricesDate: string;
  lines: ForecastLine[];
  /** Stages whose data are made by other stages, in a way that cannot be foreseen. */
  unknown: { stage: string; reason: string }[];
}

export interface ForecastOptions {
  prices: PriceTable;
  countTokens?: ((text: string) => number) | undefined;
  /** What the stages' journals hold already: measured lengths stand in for guesses. */
  measured?: ReadonlyMap<string, readonly JournalLine[]> | undefined;
}

/** About right for English in most tokenizers. */
const CHARACTERS_PER_TOKEN = 4;
/** Fewer replies than these say little about the mean. */
const ENOUGH_REPLIES = 20;

export async function forecastCost(
  plan: readonly PlannedStage[],
  { prices, countTokens = byCharacters, measured = new Map() }: ForecastOptions,
): Promise<Forecast> {
  const outlook = { ...rowsAhead(plan), countTokens };
  const forecast: Forecast = { pricesDate: prices.date, lines: [], unknown: [] };
  for (const planned of plan) {
    const { name, stage } = planned;
    try {
      for (const use of (await stage.forecast?.(optionsOf(planned), outlook)) ?? []) {
        const line = measured.get(name)?.find((each) => isOf(each, use, stage.kind));
        const likely = line === undefined ? { ...use, measuredReplies: 0 } : withMeasured(use, line);
        forecast.lines.push({ stage: name, kind: stage.kind, ...likely, cost: costRange(likely, prices) });
      }
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== "rows-unforeseen") throw error;
      forecast.unknown.push({ stage: name, reason: error.message });
    }
  }
  return forecast;
}

export function byCharacters(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}

function isOf(line: JournalLine, { server, model }: ServerUse, kind: string): boolean {
  return line.stage === kind && line.server === server && line.model === model;
}

/** Where enough replies are there, their mean is the better guess; it stays within the bounds. */
function withMeasured(use: ServerUse, line: JournalLine): ServerUse & Pick<ForecastLine, "measuredReplies"> {
  if (line.requests < ENOUGH_REPLIES) return { ...use, measuredReplies: 0 };
  const scaled = (range: Range, sum: number): Range => {
    const expected = Math.round((sum / line.requests) * use.requests.expected);
    return { low: Math.min(range.low, expected), expected, high: Math.max(range.high, expected) };
  };
  return {
    ...use,
    promptTokens: scaled(use.promptTokens, line.promptTokens),
    completionTokens: scaled(use.completionTokens, line.completionTokens),
    measuredReplies: line.requests,
  };
}

function costRange(
  { server, model, promptTokens, completionTokens }: ServerUse,
  prices: PriceTable,
): Range | null {
  const price = prices.priceOf(server, model);
  if (price === undefined) return null;
  const at = (length: keyof Range): number =>
    costOf({ promptTokens: promptTokens[length], completionTokens: completionTokens[length] }, price);
  return { low: at("low"), expected: at("expected"), high: at("high") };
}
