/** The encoding of Tk-Instruct (Wang et al., 2022): definition, positive examples and input in one text. */
import { endsInPunctuation, strip } from "../../text/python-text.ts";
import type { SuperNiItem } from "./task.ts";

/** Equal to the original byte for byte, the spaces before "Positive" and "Output" included. */
export function tkPrompt({ definition, examples, input }: SuperNiItem, numExamples: number): string {
  const shown = examples
    .slice(0, numExamples)
    .map(
      (example, index) =>
        ` Positive Example ${index + 1} -\n` +
        `${sentence("Input: ", example.input)}\n${sentence(" Output: ", example.output)}\n\n`,
    );
  return (
    `${sentence("Definition: ", definition)}\n\n${shown.join("")}` +
    `Now complete the following example -\n${sentence("Input: ", input)}\nOutput: `
  );
}

/** Ends in a full stop where it does not end in punctuation; a text without anything gets one, too. */
export function sentence(label: string, text: string): string {
  const whole = label + strip(text);
  return endsInPunctuation(whole) ? whole : `${whole}.`;
}
