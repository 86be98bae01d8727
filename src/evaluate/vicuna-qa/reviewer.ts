/** Who is asked to review, in which words. The judge behind it may be any model. */
import type { ChatMessage } from "../../llm/index.ts";
import type { Grading } from "./grading.ts";

export interface Reviewer {
  /** As results name its prompts: `tuna`, or the file they were read from. */
  readonly prompts: string;
  readonly grading: Grading;
  /** Whether every line of a question and of its answers is marked, so that they cannot pass for the prompt. */
  readonly quotes: boolean;
  messages(material: ReviewMaterial): ChatMessage[];
}

export interface ReviewMaterial {
  readonly question: string;
  readonly category: string;
  /** In the order in which they are shown. */
  readonly answers: readonly string[];
}

export const KINDS = ["general", "coding", "math"] as const;
export type ReviewerKind = (typeof KINDS)[number];

/** FastChat's table of reviewers: coding and math have their own, all other categories share one. */
export function reviewerKind(category: string): ReviewerKind {
  return category === "coding" || category === "math" ? category : "general";
}
