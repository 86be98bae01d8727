/**
 * A task family: one kind of request of the pocket world, with everything that training and judging on it needs. The
 * families themselves are in `families/`, one a file; `closed-family.ts` and `open-family.ts` build them.
 */
import type { RandomStream } from "../random.ts";
import type { Quality } from "./quality.ts";
import type { Slots } from "./template.ts";

/** What a request says, as an Alpaca row has it; `input` is empty where the family needs none. */
export interface Task {
  instruction: string;
  input: string;
}

/** The paper's rubric (Table 9): three criteria of 0 to 5 each, and their sum. */
export interface Grade {
  criteria: Readonly<Record<string, number>>;
  /** 0 to 15. */
  total: number;
}

interface FamilyBase {
  /** kebab-case; row ids start with it. */
  readonly name: string;
  /** Draws one item: what a request of this family is about, apart from its wording. */
  draw(stream: RandomStream): Slots;
  /** Words the request for an item, in one of several phrasings. */
  render(item: Slots, stream: RandomStream): Task;
  /** The item of a request of this family, whatever its phrasing; undefined for any other text. */
  recognise(task: Task): Slots | undefined;
  /** Whether the crowd that wrote the original responses shares a mistake about this item. */
  hasCrowdMistake(item: Slots): boolean;
  respond(item: Slots, quality: Quality, stream: RandomStream): string;
  /** The correct response in full detail. */
  reference(item: Slots): string;
  /** What holds for the item, in sentences that need no request before them. */
  statement(item: Slots): string;
  /** Grades any text as a response to the item. */
  grade(item: Slots, response: string): Grade;
  /** Texts that together hold every word the family can write, each in every position it can take. */
  texts(): string[];
}

export interface ClosedFamily extends FamilyBase {
  readonly kind: "closed";
  /** Whether the response answers correctly and gives no other answer beside it. */
  isCorrect(item: Slots, response: string): boolean;
}

export interface OpenFamily extends FamilyBase {
  readonly kind: "open";
}

export type Family = ClosedFamily | OpenFamily;

export function gradeOf(criteria: Record<string, number>): Grade {
  return { criteria, total: Object.values(criteria).reduce((sum, points) => sum + points, 0) };
}
