/** Chat data with roles: {messages: [{role, content}, ...]}, as OpenAI and TRL have it. */
import { z } from "zod";
import {
  extrasOfMessages,
  fieldsOutside,
  lastResponse,
  messages as messageList,
  startOfDialogue,
  wholeDialogue,
} from "./dialogue.ts";
import { type InstructionFormat, idOf } from "./format.ts";
import { optionalId, withFaults } from "./schema.ts";

const schema = z.looseObject({ id: optionalId, messages: messageList });

export const messages: InstructionFormat = {
  name: "messages",
  keys: "messages: [{role, content}]",
  holds: "instructions",
  recognizes: (values) => "messages" in values,
  structured: ["messages"],
  texts: [],
  row: withFaults(schema, ({ messages: all, ...rest }) => {
    const { before, response } = lastResponse(all, "messages");
    const extras = extrasOfMessages(all.map(({ role: _1, content: _2, ...others }) => others));
    return { ...rest, ...startOfDialogue(before, "messages"), ...extras, input: "", output: response };
  }),
  write(row, index) {
    return { ...idOf(row.id, index), messages: wholeDialogue(row), ...fieldsOutside(row) };
  },
};
