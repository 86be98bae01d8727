/**
 * The same texts for a model that was taught with a template, such as Alpaca's: definition and examples are its
 * instruction, and what is to be answered its input. Without Tk-Instruct's words around them, which the template replaces.
 */
import type { SuperNiItem } from "./task.ts";
import { sentence } from "./tk-prompt.ts";

export interface InstructionPrompt {
  readonly instruction: string;
  readonly input: string;
}

export function instructionPrompt(
  { definition, examples, input }: SuperNiItem,
  numExamples: number,
): InstructionPrompt {
  const shown = examples
    .slice(0, numExamples)
    .map(
      (example, index) =>
        `Positive Example ${index + 1} -\n` +
        `${sentence("Input: ", example.input)}\n${sentence("Output: ", example.output)}`,
    );
  return {
    instruction: [sentence("", definition), ...shown].join("\n\n"),
    input: sentence("Input: ", input),
  };
}
