/** A progress bar: one line on a terminal, redrawn in place, with rate and remaining time. */

export interface Progress {
  /** `done` of the total, with an optional word about what is going on. */
  update(done: number, note?: string): void;
  /** Takes the bar away. */
  done(): void;
}

/** The line that a bar occupies on the terminal. Whoever prints meanwhile clears it first and draws it again. */
export interface StatusLine {
  show(text: string): void;
  clear(): void;
  readonly width: number;
}

export interface ProgressOptions {
  label: string;
  /** Unknown where undefined: then the bar shows count and rate only. */
  total: number | undefined;
  line: StatusLine;
  /** Milliseconds. */
  now: () => number;
}

/** At most ten drawings a second: drawing must not cost what it measures. */
const REDRAW_INTERVAL_MS = 100;

export function createProgress({ label, total, line, now }: ProgressOptions): Progress {
  // Rates count from the first update: a resumed run starts far from zero.
  let first: { done: number; at: number } | undefined;
  let drawnAt = Number.NEGATIVE_INFINITY;
  return {
    update(done, note = "") {
      const at = now();
      first ??= { done, at };
      if (at - drawnAt < REDRAW_INTERVAL_MS && done !== total) return;
      drawnAt = at;
      const perSecond = at > first.at ? ((done - first.done) * 1000) / (at - first.at) : 0;
      line.show(barText({ label, done, total, perSecond, note }).slice(0, line.width - 1));
    },
    done() {
      line.clear();
    },
  };
}

interface BarState {
  label: string;
  done: number;
  total: number | undefined;
  perSecond: number;
  note: string;
}

function barText({ label, done, total, perSecond, note }: BarState): string {
  const rate = perSecond > 0 ? `${formatRate(perSecond)}/s` : "";
  const remaining =
    total !== undefined && perSecond > 0 ? `${formatDuration((total - done) / perSecond)} left` : "";
  const parts =
    total === undefined
      ? [label, String(done), rate, note]
      : [label, bar(done / total), `${done}/${total}`, rate, remaining, note];
  return parts
    .filter((part) => part !== "")
    .join("  ")
    .replaceAll(/\s*\n\s*/g, " ");
}

const BAR_WIDTH = 20;

function bar(fraction: number): string {
  const filled = Math.round(BAR_WIDTH * Math.min(1, Math.max(0, fraction || 0)));
  return "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
}

/** Three digits: 0.0123, 1.23, 12.3, 1230. */
function formatRate(rate: number): string {
  return rate >= 100 ? rate.toFixed(0) : Number(rate.toPrecision(3)).toString();
}

/** 5:07, or 1:05:07 from one hour on. */
function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = String(whole % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}
