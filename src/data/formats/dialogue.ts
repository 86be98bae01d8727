/**
 * Dialogues of messages as instruction rows. The last exchange is the row; earlier ones are its `history`, a list of
 * [instruction, output], and a system message its `system`, as LLaMA-Factory names them. What messages hold beside role and
 * text, such as a name or a weight, is in `messageExtras`, message by message.
 */
import { z } from "zod";
import type { InstructionRow } from "../record.ts";
import { RowFault, type Values } from "./format.ts";

export interface Message {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** What a dialogue says beside its last response. */
export interface DialogueStart {
  readonly instruction: string;
  readonly system?: string | undefined;
  readonly history?: readonly (readonly [string, string])[] | undefined;
}

export const messages = z.array(
  z.looseObject({ role: z.enum(["system", "user", "assistant"]), content: z.string() }),
);

const starts = z.looseObject({
  system: z.string().optional(),
  history: z.array(z.tuple([z.string(), z.string()])).optional(),
});
const extras = z.looseObject({ messageExtras: z.array(z.looseObject({})) });

/** Of the messages before a response. `field` is the row's, for errors. */
export function startOfDialogue(before: readonly Message[], field: string): DialogueStart {
  const system = before[0]?.role === "system" ? before[0].content : undefined;
  const turns = system === undefined ? before : before.slice(1);
  const offset = before.length - turns.length;
  for (const [index, { role }] of turns.entries()) {
    const expected = index % 2 === 0 ? "user" : "assistant";
    if (role !== expected)
      throw new RowFault(
        `${field}.${index + offset}`,
        `expected a message of the ${expected}, found one of the ${role}`,
      );
  }
  if (turns.length % 2 === 0) throw new RowFault(field, "expected a message of the user before the response");
  const history = Array.from({ length: (turns.length - 1) / 2 }, (_, exchange) => {
    return [turns[2 * exchange]!.content, turns[2 * exchange + 1]!.content] as const;
  });
  return {
    instruction: turns.at(-1)!.content,
    ...(system !== undefined && { system }),
    ...(history.length > 0 && { history }),
  };
}

/** What of each message has no other place; nothing where no message holds more, or only nulls. */
export function extrasOfMessages(rests: readonly object[]): { messageExtras?: readonly object[] } {
  const messageExtras = rests.map((rest) =>
    Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null && value !== undefined)),
  );
  return messageExtras.some((rest) => Object.keys(rest).length > 0) ? { messageExtras } : {};
}

/** The messages of a row, each with its extras, which are left out where their number is another. */
export function wholeDialogue(row: InstructionRow): (Message & Values)[] {
  const all: Message[] = [...messagesBefore(row), { role: "assistant", content: row.output }];
  const { messageExtras = [] } = extras.safeParse(row).data ?? {};
  return messageExtras.length === all.length
    ? all.map((message, index) => ({ ...message, ...messageExtras[index], ...message }))
    : all.map((message) => ({ ...message }));
}

/** What of a row no message says. */
export function fieldsOutside(row: InstructionRow): Values {
  const { id: _1, instruction: _2, input: _3, output: _4, system: _5, history: _6, ...rest } = row;
  const { messageExtras: _7, ...others } = rest;
  return others;
}

interface Asked {
  readonly instruction: string;
  readonly input: string;
}

/** The messages before the response: system, history, and the user's, in which the input follows the instruction. */
export function messagesBefore(row: Asked): Message[] {
  const { instruction, input } = row;
  const { system, history = [] } = starts.safeParse(row).data ?? {};
  return [
    ...(system === undefined ? [] : [{ role: "system", content: system } as const]),
    ...history.flatMap(([user, assistant]): Message[] => [
      { role: "user", content: user },
      { role: "assistant", content: assistant },
    ]),
    { role: "user", content: input === "" ? instruction : `${instruction}\n\n${input}` },
  ];
}

/** The last message, which must be the assistant's, and those before it. */
export function lastResponse(
  all: readonly Message[],
  field: string,
): { before: readonly Message[]; response: string } {
  const last = all.at(-1);
  if (last?.role === "assistant") return { before: all.slice(0, -1), response: last.content };
  throw new RowFault(field, `expected a message of the assistant at the end, found ${last?.role ?? "none"}`);
}
