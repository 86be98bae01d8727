/** What a run may cost: prices, and the dollars at which it stops before the request that could exceed them. */
import { UserError } from "../errors.ts";
import type { Usage } from "./chat-model.ts";
import type { CallStart } from "./journal.ts";
import { type Price, type PriceTable, costOf } from "./price.ts";

export interface Spending {
  prices: PriceTable;
  /** In dollars, for everything that the journal has paid for. Without one nothing is refused. */
  budget?: number | undefined;
}

/** The most that a call can cost; undefined where its price is not known and there is no budget to keep. */
export function mostOf(start: CallStart, { prices, budget }: Spending): number | undefined {
  const { server, model, mostTokens } = start;
  const price = prices.priceOf(server, model);
  if (price === undefined) {
    if (budget !== undefined) throw unpriced(server, model);
    return undefined;
  }
  const { promptTokens, completionTokens } = mostTokens;
  if (completionTokens === undefined) {
    if (budget !== undefined) throw unbounded(server, model);
    return costOf({ promptTokens, completionTokens: 0 }, price);
  }
  return costOf({ promptTokens, completionTokens }, price);
}

/** Where the server does not tell what it used, the most that it can have been. */
export function actualOf(usage: Usage | undefined, price: Price | undefined, most: number): number {
  if (price === undefined) return 0;
  return usage === undefined ? most : costOf(usage, price);
}

/** Failures after which the provider may charge for a reply that never came whole. */
const MAYBE_PAID = new Set(["server-timeout", "server-connection-broken", "server-reply-malformed"]);

export function mayHaveBeenPaid(error: unknown): boolean {
  return !(error instanceof UserError) || MAYBE_PAID.has(error.code);
}

/** Every token has at least a byte; the frame of a chat adds a few to each message. A schema counts as a part of the prompt. */
export function mostPromptTokens(
  messages: readonly { content: string }[],
  schema?: { schema: unknown },
): number {
  const FRAME_TOKENS = 16;
  const frame =
    schema === undefined ? FRAME_TOKENS : FRAME_TOKENS + Buffer.byteLength(JSON.stringify(schema));
  return messages.reduce((sum, { content }) => sum + Buffer.byteLength(content) + FRAME_TOKENS, frame);
}

/** What costs nothing is never refused. */
export function exceedsBudget(spent: number, most: number, budget: number | undefined): boolean {
  return budget !== undefined && most > 0 && spent + most > budget;
}

export function budgetReached(spent: number, most: number, budget: number): UserError {
  return new UserError(
    `The budget of ${inDollars(budget)} is reached: ${inDollars(spent)} are spent, and the next request can cost ${inDollars(most)}. ` +
      "Every reply so far is saved; raise --budget and run the same command again to go on.",
    { code: "budget-reached", facts: { spent, most, budget } },
  );
}

export function inDollars(dollars: number): string {
  return `${dollars >= 0.1 || dollars === 0 ? dollars.toFixed(2) : dollars.toPrecision(2)} $`;
}

function unpriced(server: string, model: string): UserError {
  return new UserError(
    `--budget: no price is known for ${server}#${model}, so nothing could keep it. Name it in a file: --prices FILE, with models: {${model}: {prompt: 30, completion: 60}} in dollars for a million tokens.`,
    { code: "price-unknown", facts: { server, model } },
  );
}

function unbounded(server: string, model: string): UserError {
  return new UserError(
    `--budget: nothing bounds the replies of ${server}#${model}, so one could cost any sum. Set --max-tokens.`,
    { code: "budget-unbounded", facts: { server, model } },
  );
}
