/** What tokens cost: a table of list prices with its date, and the user's own file over it. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { UserError } from "../errors.ts";
import type { Usage } from "./chat-model.ts";
import { LIST_PRICES, LIST_PRICES_DATE } from "./price-list.ts";

/** In dollars for a million tokens. */
export interface Price {
  readonly prompt: number;
  readonly completion: number;
}

export interface PriceTable {
  /** Of the prices, as ISO date. */
  readonly date: string;
  /** Undefined where the price is not known: then there are tokens, and no dollars. */
  priceOf(server: string, model: string): Price | undefined;
}

const price = z.strictObject({ prompt: z.number().nonnegative(), completion: z.number().nonnegative() });
const priceFile = z.strictObject({
  date: z.string(),
  models: z.record(z.string(), price),
});

/** The file, YAML or JSON, names models as `MODEL` or `URL#MODEL`; what it does not name has its list price. */
export function openPrices(path?: string): PriceTable {
  const listed: PriceTable = { date: LIST_PRICES_DATE, priceOf: listPrice };
  if (path === undefined) return listed;
  const { date, models } = readPrices(path);
  return {
    date,
    priceOf: (server, model) => models[`${server}#${model}`] ?? models[model] ?? listPrice(server, model),
  };
}

export function costOf({ promptTokens, completionTokens }: Usage, { prompt, completion }: Price): number {
  return (promptTokens * prompt + completionTokens * completion) / 1e6;
}

/** By the provider's own address only: what another server calls `gpt-4` has another price, or none. */
function listPrice(server: string, model: string): Price | undefined {
  const host = URL.canParse(server) ? new URL(server).host : "";
  const prices = LIST_PRICES[host] ?? {};
  // `gpt-4.1-2025-04-14` is a dated version of `gpt-4.1`.
  return prices[model] ?? prices[model.replace(/-(?:\d{8}|\d{4}-\d{2}-\d{2}|latest)$/, "")];
}

function readPrices(path: string): z.infer<typeof priceFile> {
  try {
    return priceFile.parse(parse(readFileSync(path, "utf8")));
  } catch (cause) {
    const words = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message;
    throw new UserError(
      `Prices ${path}: ${words.replaceAll("\n", " ")}. Expected a date and, for each model, dollars for a million tokens: models: {gpt-4: {prompt: 30, completion: 60}}.`,
      { code: "prices-invalid", facts: { path }, cause },
    );
  }
}
