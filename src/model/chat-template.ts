/**
 * The chat template that comes with a model: a Jinja program, in `chat_template.jinja` or `tokenizer_config.json`, which
 * writes a conversation as the model was trained on it. Rendered as `apply_chat_template` of transformers does.
 */
import { Template } from "@huggingface/jinja";
import { UserError } from "../errors.ts";
import { strftime } from "./strftime.ts";
import type { TokenizerFiles } from "./tokenizer.ts";

export interface Message {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

export interface ChatTemplate {
  /** With the beginning of an answer after the last message, where one is asked for. */
  render(messages: readonly Message[], options: { asksForAnswer: boolean }): string;
  /** Whether a text was rendered that holds today's date. */
  readonly usesDate: boolean;
}

/** Throws a `UserError` where the model has none, or one that cannot be read. `path` is the model's folder. */
export function chatTemplateOf(
  files: TokenizerFiles,
  { path, now = () => new Date() }: { path: string; now?: (() => Date) | undefined },
): ChatTemplate {
  const config = JSON.parse(files.config) as TokenizerConfig;
  const source = files.chatTemplate ?? defaultOf(config.chat_template, path);
  const program = orRefuse(path, () => new Template(`${OWN_CLOCK}\n${source}`));
  let usesDate = false;
  const variables = {
    ...specialTokens(config),
    tools: null,
    documents: null,
    strftime_of_today(format: string) {
      usesDate = true;
      return strftime(now(), format);
    },
  };
  return {
    render: (messages, { asksForAnswer: add_generation_prompt }) =>
      orRefuse(path, () => program.render({ ...variables, messages, add_generation_prompt })),
    get usesDate() {
      return usesDate;
    },
  };
}

/** The library's own `strftime_now` knows few directives and writes them in the machine's language. */
const OWN_CLOCK = "{% set strftime_now = strftime_of_today %}";

interface TokenizerConfig extends Readonly<Record<string, unknown>> {
  /** A model may have several, for tools say; `default` is for conversations. */
  readonly chat_template?: string | readonly { name: string; template: string }[];
}

function defaultOf(given: TokenizerConfig["chat_template"], path: string): string {
  if (typeof given === "string") return given;
  const found = given?.find(({ name }) => name === "default");
  if (found !== undefined) return found.template;
  const what =
    given === undefined
      ? "has no chat template (neither chat_template.jinja nor chat_template in tokenizer_config.json)"
      : `has no default chat template, only ${given.map(({ name }) => name).join(", ")}`;
  throw new UserError(
    `${path} ${what}. Use --template alpaca, or none, or the chat (Instruct) version of the model.`,
    { code: "chat-template-missing", facts: { path } },
  );
}

const SPECIAL_TOKENS = ["bos", "eos", "unk", "sep", "pad", "cls", "mask"];

/** `bos_token` and the like, where the model has them: an unset variable is written as nothing. */
function specialTokens(config: TokenizerConfig): Record<string, string> {
  const tokens: Record<string, string> = {};
  for (const name of SPECIAL_TOKENS.map((kind) => `${kind}_token`)) {
    const token = config[name] as string | { content: string } | null | undefined;
    const text = typeof token === "string" ? token : token?.content;
    if (text !== undefined) tokens[name] = text;
  }
  return tokens;
}

/** Templates come from strangers: whatever they raise is about the model's folder. */
function orRefuse<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new UserError(
      `${path}: its chat template fails (${(cause as Error).message}). Use --template alpaca, or mend chat_template.`,
      { code: "chat-template-failed", facts: { path }, cause },
    );
  }
}
