/** ShareGPT's rows: {conversations: [{from, value}, ...]}. */
import { z } from "zod";
import {
  type Message,
  extrasOfMessages,
  fieldsOutside,
  lastResponse,
  startOfDialogue,
  wholeDialogue,
} from "./dialogue.ts";
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

const schema = z.looseObject({
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
  structured: ["conversations"],
  texts: [],
  row: withFaults(schema, ({ conversations, system, ...rest }) => {
    const dialogue = conversations.map(({ from, value }): Message => ({ role: ROLES[from], content: value }));
    const { before, response } = lastResponse(dialogue, "conversations");
    const hasSystem = typeof system === "string" && system !== "";
    const extras = conversations.map(({ from: _1, value: _2, ...others }) => others);
    // The system message comes to be the first one.
    if (hasSystem && before[0]?.role !== "system") extras.unshift({});
    return {
      ...rest,
      ...(hasSystem && { system }),
      ...startOfDialogue(before, "conversations"),
      ...extrasOfMessages(extras),
      input: "",
      output: response,
    };
  }),
  write(row, index) {
    const conversations = wholeDialogue(row).map(({ role, content, ...others }) => {
      const said = { from: SPEAKERS[role], value: content };
      return { ...said, ...others, ...said };
    });
    return { ...idOf(row.id, index), conversations, ...fieldsOutside(row) };
  },
};
