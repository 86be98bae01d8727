/** The contextual ranking prompt: the instruction's own prompt, the responses under their headings, and the request. */
import { UserError } from "../errors.ts";
import type { ChatMessage } from "../llm/index.ts";
import { quoteLines } from "../text/quote-lines.ts";
import { couldBeMistaken } from "./quoting.ts";
import { type ContextualPromptStyle, type JudgeOutput, rankingRequest } from "./ranking-request.ts";

export interface ContextualPromptOptions {
  /** The instruction in the prompt that the responses answered, ending in `### Response:`. */
  prompt: string;
  responses: readonly string[];
  style?: ContextualPromptStyle | undefined;
  output?: JudgeOutput | undefined;
}

export function contextualPrompt(options: ContextualPromptOptions): ChatMessage[] {
  const { prompt, responses, style = "paper", output = "text" } = options;
  if (responses.length < 2) {
    throw new UserError(`Contextual ranking needs at least two responses, got ${responses.length}.`, {
      code: "too-few-responses",
    });
  }
  const quoted = isQuoted(options);
  const blocks = responses
    .map((response, label) => `###Response ${label}:\n${quoted ? quoteLines(response) : response}\n`)
    .join("\n");
  const request = rankingRequest({ numResponses: responses.length, style, output, quoted });
  const user: ChatMessage = { role: "user", content: `${prompt}\n\n${blocks}\n\n${request}` };
  return style === "lmops" ? [{ role: "system", content: LMOPS_SYSTEM }, user] : [user];
}

/**
 * Whether every line of the responses is marked. If so, or if no response could be mistaken for the prompt, the prompt and
 * the responses can be read back from the message exactly.
 */
export function isQuoted({
  responses,
  style = "paper",
  output = "text",
}: Omit<ContextualPromptOptions, "prompt">): boolean {
  if (style === "lmops") return false;
  return style === "quoted" || output === "structured" || responses.some(couldBeMistaken);
}

const LMOPS_SYSTEM = "You are a professional and experienced data annotator.";
