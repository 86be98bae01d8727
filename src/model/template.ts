/** Prompt templates: how an instruction and its input become the text that the model continues. */

export const TEMPLATES = ["alpaca", "none"] as const;
export type TemplateName = (typeof TEMPLATES)[number];

export interface Instruction {
  readonly instruction: string;
  readonly input?: string;
}

export function promptOf(template: TemplateName, row: Instruction): string {
  return template === "alpaca" ? alpacaPrompt(row) : plainPrompt(row);
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

/** The instruction itself, and the input on its own line after it. */
function plainPrompt({ instruction, input = "" }: Instruction): string {
  return input === "" ? instruction : `${instruction}\n${input}`;
}
