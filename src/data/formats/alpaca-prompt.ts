/** Takes the prompt of Stanford Alpaca apart again: what `alpacaPrompt` of `model/template.ts` makes, and that alone. */

const START = "Below is an instruction that describes a task";
const WITHOUT_INPUT = `${START}. Write a response that appropriately completes the request.\n\n### Instruction:\n`;
const WITH_INPUT = `${START}, paired with an input that provides further context. Write a response that appropriately completes the request.\n\n### Instruction:\n`;
const INPUT = "\n\n### Input:\n";
const END = "\n\n### Response:";

/** Undefined where the text is no such prompt, or could be one of several instructions. */
export function partsOfAlpacaPrompt(prompt: string): { instruction: string; input: string } | undefined {
  if (!prompt.endsWith(END)) return undefined;
  if (prompt.startsWith(WITHOUT_INPUT)) {
    const instruction = prompt.slice(WITHOUT_INPUT.length, -END.length);
    return { instruction, input: "" };
  }
  if (!prompt.startsWith(WITH_INPUT)) return undefined;
  const [instruction, input, ...others] = prompt.slice(WITH_INPUT.length, -END.length).split(INPUT);
  return input === undefined || input === "" || others.length > 0
    ? undefined
    : { instruction: instruction!, input };
}

/** A text that begins with such a prompt, in its two parts; undefined where it does not, or could be split elsewhere. */
export function splitBehindAlpacaPrompt(text: string): { prompt: string; response: string } | undefined {
  const end = text.indexOf(END);
  if (end === -1 || end !== text.lastIndexOf(END)) return undefined;
  const prompt = text.slice(0, end + END.length);
  return partsOfAlpacaPrompt(prompt) && { prompt, response: text.slice(prompt.length) };
}
