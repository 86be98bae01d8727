/** Prompt templates: how an instruction and its input become the text that a model continues. */

export const TEMPLATES = ["alpaca", "chat", "none"] as const;
export type TemplateName = (typeof TEMPLATES)[number];

export interface Instruction {
  readonly instruction: string;
  readonly input?: string;
}

/**
 * The text for a judge, or a model behind a server that puts its own template around it. `chat` is the message of the
 * user alone; what a model of ours is given then only the model knows: see `withTemplate`.
 */
export function promptOf(template: TemplateName, row: Instruction): string {
  if (template === "alpaca") return alpacaPrompt(row);
  return joined(row, template === "chat" ? "\n\n" : "\n");
}

/** The prompt of Stanford Alpaca (Taori et al., 2023), which the paper and its code use. The response follows directly. */
export function alpacaPrompt({ instruction, input = "" }: Instruction): string {
  return input === ""
    ? "Below is an instruction that describes a task. " +
        "Write a response that appropriately completes the request.\n\n" +
        `### Instruction:\n${instruction}\n\n### Response:`
    : "Below is an instruction that describes a task, paired with an input that provides further context. " +
        "Write a response that appropriately completes the request.\n\n" +
        `### Instruction:\n${instruction}\n\n### Input:\n${input}\n\n### Response:`;
}

function joined({ instruction, input = "" }: Instruction, between: string): string {
  return input === "" ? instruction : `${instruction}${between}${input}`;
}
