/** TRL's preference pairs with a prompt: {prompt, chosen, rejected}, as DPO takes them. */
import { z } from "zod";
import type { ListFormat } from "./format.ts";
import { listOfPair, mergePairs, pairsOf } from "./preference-pairs.ts";
import { readAnswer, textOrMessages, writePrompt, writeResponse } from "./preference-prompt.ts";
import { optionalId, withFaults } from "./schema.ts";

const row = z.looseObject({
  id: optionalId,
  prompt: textOrMessages,
  chosen: textOrMessages,
  rejected: textOrMessages,
});

export const trlDpo: ListFormat = {
  name: "trl-dpo",
  keys: "prompt, chosen, rejected",
  holds: "lists",
  recognizes: (values) => "prompt" in values && "chosen" in values,
  structured: [],
  texts: ["prompt", "chosen", "rejected"],
  dialogues: ["prompt", "chosen", "rejected"],
  row: withFaults(row, ({ id, prompt, chosen, rejected, ...rest }) =>
    listOfPair(
      { ...rest, id },
      readAnswer(prompt, chosen, "chosen"),
      readAnswer(prompt, rejected, "rejected"),
    ),
  ),
  merge: mergePairs,
  write(list, _index, style) {
    const prompt = writePrompt(list, style);
    return pairsOf(list).map(({ better, worse }) => ({
      id: list.id,
      prompt,
      chosen: writeResponse(better, style),
      rejected: writeResponse(worse, style),
    }));
  },
};
