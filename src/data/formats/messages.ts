/** Chat data with roles: {messages: [{role, content}, ...]}, as OpenAI and TRL have it. */
import { z } from "zod";
import { lastResponse, messages as messageList, messagesBefore, startOfDialogue } from "./dialogue.ts";
import { type InstructionFormat, idOf } from "./format.ts";
import { optionalId, withFaults } from "./schema.ts";

const row = z.looseObject({ id: optionalId, messages: messageList });

export const messages: InstructionFormat = {
  name: "messages",
  keys: "messages: [{role, content}]",
  holds: "instructions",
  recognizes: (values) => "messages" in values,
  structured: ["messages", "history"],
  texts: [],
  row: withFaults(row, ({ messages: all, ...rest }) => {
    const { before, response } = lastResponse(all, "messages");
    return { ...rest, ...startOfDialogue(before, "messages"), input: "", output: response };
  }),
  write(each, index, { promptOf }) {
    const { id, instruction: _1, input: _2, output, system: _3, history: _4, ...rest } = each;
    const dialogue = [...messagesBefore(promptOf(each), each), { role: "assistant", content: output }];
    return { ...idOf(id, index), messages: dialogue, ...rest };
  },
};
