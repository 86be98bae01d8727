/**
 * The contextual ranking prompt: Table 9 of the paper for any number of responses, and the form of the
 * authors' code.
 */
import { UserError } from "../errors.ts";
import type { ChatMessage } from "../llm/index.ts";

/**
 * `paper` is Table 9 as printed. `lmops` is what the authors' code sends: a system prompt, straight quotes,
 * and two steps glued to the step before them. With four responses both are exact.
 */
export type ContextualPromptStyle = "paper" | "lmops";

export interface ContextualPromptOptions {
  /** The instruction in the prompt that the responses answered, ending in `### Response:`. */
  prompt: string;
  responses: readonly string[];
  style?: ContextualPromptStyle | undefined;
}

export function contextualPrompt({
  prompt,
  responses,
  style = "paper",
}: ContextualPromptOptions): ChatMessage[] {
  if (responses.length < 2) {
    throw new UserError(`Contextual ranking needs at least two responses, got ${responses.length}.`, {
      code: "too-few-responses",
    });
  }
  const blocks = responses.map((response, label) => `###Response ${label}:\n${response}\n`).join("\n");
  const content = `${prompt}\n\n${blocks}\n\n${rankingInstructions(responses.length, style)}`;
  const user: ChatMessage = { role: "user", content };
  return style === "lmops" ? [{ role: "system", content: LMOPS_SYSTEM }, user] : [user];
}

const LMOPS_SYSTEM = "You are a professional and experienced data annotator.";

const STYLES = {
  paper: { open: "‘", close: "’", betweenSteps: "\n" },
  lmops: { open: "'", close: "'", betweenSteps: "" },
} as const;

function rankingInstructions(numResponses: number, style: ContextualPromptStyle): string {
  const { open, close, betweenSteps } = STYLES[style];
  const quote = (text: string): string => `${open}${text}${close}`;
  const labels = Array.from({ length: numResponses }, (_, label) => label).join("/");
  const reference = numResponses;

  return (
    `We would like you to rate Response ${labels} in reply to the given instruction displayed above.\n` +
    "First, identify if the instruction requires open-ended or close-ended responses." +
    betweenSteps +
    `Second, you need to generate one high quality ${quote(`###Response ${reference}`)} in answer to the instruction. ` +
    "It needs to have the same format as other responses and will be used as a reference later.\n" +
    "Third, identify if there are duplicate responses and keep only one of the duplicate responses for the following steps." +
    betweenSteps +
    `Fourth, compare Response ${reference} with Response ${labels}/${reference} and assign each response an overall score ` +
    "on a scale of 0 to 15 where a higher score indicates better overall quality. " +
    "For an open-ended instruction, please rate based on the relevance (score 0 to 5), " +
    "level of details/justification: (score 0 to 5) and accuracy (score 0 to 5) of each response; " +
    "for a close-ended instruction, please rate based on the accuracy (score 0 to 5), " +
    "level of details/justification (score 0 to 5) and clarity (score 0 to 5) of each response. " +
    `The ratings should have the format: ${quote("Response k: [sum of the 3 individual scores you give to response k]")}.\n` +
    "Last, rank the responses in decreasing order of their overall scores. " +
    `The ranking should have the format: ${quote(rankFormat(numResponses + 1))}. ` +
    "If there are duplicate responses, keep only one of them in the rank, that is, the ranking may become: " +
    `${shorterRankFormats(numResponses, quote)}.\n`
  );
}

/** `rank: [i, j ,k, l, m]`: both sources print the misplaced space of the full list. */
function rankFormat(length: number): string {
  return `rank: [${rankLetters(length).replace("j, k", "j ,k")}]`;
}

/** `A, B C or even D`, from N entries down to one; both sources lack the comma before C. */
function shorterRankFormats(longest: number, quote: (text: string) => string): string {
  const formats = Array.from({ length: longest }, (_, fewer) =>
    quote(`rank: [${rankLetters(longest - fewer)}]`),
  );
  const [beforeLast, last] = formats.splice(-2);
  const longer = formats.length > 0 ? `${formats.join(", ")} ` : "";
  return `${longer}${beforeLast} or even ${last}`;
}

/** `i, j, k, ...`, after z from a to h, then i2, j2, ... */
function rankLetters(length: number): string {
  const letters = "ijklmnopqrstuvwxyzabcdefgh";
  const nameOf = (position: number): string => {
    const round = Math.floor(position / letters.length);
    return `${letters[position % letters.length]}${round === 0 ? "" : round + 1}`;
  };
  return Array.from({ length }, (_, position) => nameOf(position)).join(", ");
}
