/** TRL's preference pairs whose texts begin with the prompt: {chosen, rejected}, as reward models take them. */
import { z } from "zod";
import type { ListFormat } from "./format.ts";
import { listOfPair, mergePairs, pairsOf } from "./preference-pairs.ts";
import { type TextOrMessages, readDialogue, textOrMessages, writePrompt } from "./preference-prompt.ts";
import { optionalId, withFaults } from "./schema.ts";

const row = z.looseObject({ id: optionalId, chosen: textOrMessages, rejected: textOrMessages });

export const trlReward: ListFormat = {
  name: "trl-reward",
  keys: "chosen, rejected, each with the prompt before it",
  holds: "lists",
  recognizes: (values) => "chosen" in values && !("prompt" in values),
  structured: [],
  texts: ["chosen", "rejected"],
  dialogues: ["chosen", "rejected"],
  row: withFaults(row, ({ id, chosen, rejected, ...rest }) =>
    listOfPair({ ...rest, id }, readDialogue(chosen, "chosen"), readDialogue(rejected, "rejected")),
  ),
  merge: mergePairs,
  write(list, _index, style) {
    const prompt = writePrompt(list, style);
    const whole = (text: string): TextOrMessages =>
      typeof prompt === "string" ? prompt + text : [...prompt, { role: "assistant", content: text }];
    return pairsOf(list).map(({ better, worse }) => ({
      id: list.id,
      chosen: whole(better),
      rejected: whole(worse),
    }));
  },
};
