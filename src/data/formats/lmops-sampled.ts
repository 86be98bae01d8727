/** What the authors' sampler writes (microsoft/LMOps, non_interactive_generate.py): the whole prompt, N responses, no ranks. */
import { z } from "zod";
import { partsOfAlpacaPrompt } from "./alpaca-prompt.ts";
import { type ListFormat, idOf } from "./format.ts";
import { optionalId, withFaults } from "./schema.ts";

const row = z.looseObject({ id: optionalId, instruction: z.string(), output: z.array(z.string()) });

export const lmopsSampled: ListFormat = {
  name: "lmops-sampled",
  keys: "instruction (the whole prompt), output: [], rouge, id",
  holds: "lists",
  recognizes: (values) => Array.isArray(values["output"]) && !("score" in values),
  structured: ["output", "rouge"],
  texts: ["instruction"],
  row: withFaults(row, ({ instruction: prompt, output, ...rest }) => ({
    ...rest,
    ...(partsOfAlpacaPrompt(prompt) ?? { instruction: prompt, input: "" }),
    prompt,
    responses: output.map((text) => ({ text })),
  })),
  write(list, index, style) {
    const { id, instruction, input, prompt, original: _1, responses, ranking: _2, ...rest } = list;
    const output = responses.map(({ text }) => text);
    return [
      { ...rest, ...idOf(id, index), instruction: prompt ?? style.promptOf({ instruction, input }), output },
    ];
  },
};
