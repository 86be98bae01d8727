/** What a server's headers say of its limits: OpenAI's `x-ratelimit-*` and Anthropic's `anthropic-ratelimit-*`. */

/** `tokens` are those of prompt and reply together. */
export type LimitedThing = "requests" | "tokens" | "input-tokens" | "output-tokens";

export interface RateLimit {
  of: LimitedThing;
  remaining: number;
  /** Of a full window, where the server says it. */
  limit: number | undefined;
  /** Until the window is full again. */
  resetMs: number;
}

const THINGS: readonly LimitedThing[] = ["requests", "tokens", "input-tokens", "output-tokens"];

/** `now` in milliseconds of the epoch, for times of day where the reply does not tell its own. */
export function readRateLimits(headers: Headers, now: number): RateLimit[] {
  const sentAt = timeOf(headers, now);
  return THINGS.flatMap((of) => {
    const read = (field: string): string | null =>
      headers.get(`x-ratelimit-${field}-${of}`) ?? headers.get(`anthropic-ratelimit-${of}-${field}`);
    const remaining = numberIn(read("remaining"));
    const resetMs = readReset(read("reset"), sentAt);
    return remaining === undefined || resetMs === undefined
      ? []
      : [{ of, remaining, limit: numberIn(read("limit")), resetMs }];
  });
}

/** In seconds or as a date; `retry-after-ms` is OpenAI's finer form. */
export function readRetryAfter(headers: Headers | undefined, now: number): number | undefined {
  const milliseconds = Number.parseFloat(headers?.get("retry-after-ms") ?? "");
  if (milliseconds >= 0) return milliseconds;
  const value = headers?.get("retry-after") ?? "";
  const delayMs = /^\s*[\d.]+\s*$/.test(value)
    ? Number(value) * 1000
    : Date.parse(value) - timeOf(headers, now);
  return Number.isNaN(delayMs) ? undefined : Math.max(0, delayMs);
}

/** By the server's clock, which is the one that it sets times by. */
function timeOf(headers: Headers | undefined, now: number): number {
  const time = Date.parse(headers?.get("date") ?? "");
  return Number.isNaN(time) ? now : time;
}

function numberIn(value: string | null): number | undefined {
  const number = value === null || value.trim() === "" ? NaN : Number(value);
  return Number.isFinite(number) ? number : undefined;
}

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `6m0s` and `12ms` (OpenAI), plain seconds, or a time of day (Anthropic). */
function readReset(value: string | null, now: number): number | undefined {
  const text = value?.trim() ?? "";
  if (/^[\d.]+$/.test(text)) return Number(text) * 1000;
  if (/^(?:[\d.]+(?:ms|[smhd]))+$/.test(text)) {
    const parts = [...text.matchAll(/([\d.]+)(ms|[smhd])/g)];
    return parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit as keyof typeof UNITS], 0);
  }
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : Math.max(0, time - now);
}
