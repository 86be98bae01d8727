/** What a stage needs to foresee its requests, and how it says what it foresees. */
import type { ReadOptions } from "../data/read-rows.ts";
import type { InstructionRow, RankedList } from "../data/record.ts";

export interface Range {
  low: number;
  expected: number;
  high: number;
}

/** What one model is asked for by one stage. */
export interface ServerUse {
  server: string;
  model: string;
  requests: Range;
  promptTokens: Range;
  completionTokens: Range;
  /** Pairs of responses that it compares, where it does: what people would be paid for. */
  comparisons?: number;
}

export interface Outlook extends RowsAhead {
  countTokens(text: string): number;
}

/** Of responses that are not there yet: empty, as long as the original one, or as long as they may be. */
export const LENGTHS = ["low", "expected", "high"] as const;
export type Length = (typeof LENGTHS)[number];

export interface RowsAhead {
  /** `reading` is for a file that is there. */
  rows(path: string, reading?: ReadOptions): Promise<readonly InstructionRow[]>;
  lists(path: string, length: Length, reading?: ReadOptions): Promise<readonly RankedList[]>;
}
