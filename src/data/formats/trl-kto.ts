/** TRL's unpaired preferences: {prompt, completion, label}, as KTO takes them. A list is written as one row a response. */
import { z } from "zod";
import type { RankedList } from "../record.ts";
import type { ListFormat } from "./format.ts";
import { bestFirst, otherColumns, sharedFields } from "./preference-pairs.ts";
import { readAnswer, textOrMessages, writePrompt, writeResponse } from "./preference-prompt.ts";
import { optionalId, withFaults } from "./schema.ts";

const row = z.looseObject({
  id: optionalId,
  prompt: textOrMessages,
  completion: textOrMessages,
  label: z.boolean(),
});

export const trlKto: ListFormat = {
  name: "trl-kto",
  keys: "prompt, completion, label",
  holds: "lists",
  recognizes: (values) => "completion" in values,
  structured: ["label"],
  texts: ["prompt", "completion"],
  dialogues: ["prompt", "completion"],
  row: withFaults(row, ({ id, prompt, completion, label, ...rest }) => {
    const { start, response } = readAnswer(prompt, completion, "completion");
    return { ...otherColumns(rest), id, ...start, responses: [{ text: response, rank: 0, label }] };
  }),
  merge: mergeLabels,
  write(list, _index, style) {
    const prompt = writePrompt(list, style);
    return bestFirst(list.responses).map(({ text, rank, label }) => ({
      id: list.id,
      prompt,
      completion: writeResponse(text, style),
      // The best are desirable. What came with labels keeps them: a single response may be an undesirable one.
      label: typeof label === "boolean" ? label : rank === 0,
    }));
  },
};

/** Every desirable response is better than every undesirable one, and all of a kind are ties. */
function mergeLabels(parts: readonly RankedList[]): RankedList {
  const responses = parts.flatMap((part) => part.responses);
  const desirable = responses.filter(({ label }) => label === true);
  const ranked = responses.map((each) => ({ ...each, rank: each["label"] === true ? 0 : desirable.length }));
  return { ...sharedFields(parts), responses: ranked.toSorted((a, b) => a.rank - b.rank) };
}
