/** ShareGPT's rows: {conversations: [{from, value}, ...]}. */
import { z } from "zod";
import { type Message, lastResponse, messagesBefore, startOfDialogue } from "./dialogue.ts";
import { type InstructionFormat, idOf } from "./format.ts";
import { optionalId, withFaults } from "./schema.ts";

const ROLES = {
  system: "system",
  human: "user",
  user: "user",
  gpt: "assistant",
  assistant: "assistant",
  chatgpt: "assistant",
  bard: "assistant",
  bing: "assistant",
} as const;
const SPEAKERS = { system: "system", user: "human", assistant: "gpt" } as const;

const row = z.looseObject({
  id: optionalId,
  conversations: z.array(
    z.looseObject({ from: z.enum(Object.keys(ROLES) as [keyof typeof ROLES]), value: z.string() }),
  ),
  /** Some sets keep it here. */
  system: z.string().nullish(),
});

export const sharegpt: InstructionFormat = {
  name: "sharegpt",
  keys: "conversations: [{from, value}]",
  holds: "instructions",
  recognizes: (values) => "conversations" in values,
  structured: ["conversations", "history"],
  texts: [],
  row: withFaults(row, ({ conversations, system, ...rest }) => {
    const dialogue = conversations.map(({ from, value }): Message => ({ role: ROLES[from], content: value }));
    const { before, response } = lastResponse(dialogue, "conversations");
    return {
      ...rest,
      ...(typeof system === "string" && system !== "" && { system }),
      ...startOfDialogue(before, "conversations"),
      input: "",
      output: response,
    };
  }),
  write(each, index, { promptOf }) {
    const { id, instruction: _1, input: _2, output, system: _3, history: _4, ...rest } = each;
    const dialogue: Message[] = [
      ...messagesBefore(promptOf(each), each),
      { role: "assistant", content: output },
    ];
    const conversations = dialogue.map(({ role, content }) => ({ from: SPEAKERS[role], value: content }));
    return { ...idOf(id, index), conversations, ...rest };
  },
};
