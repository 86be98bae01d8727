/**
 * Dialogues of messages as instruction rows. The last exchange is the row; earlier ones are its `history`, a list of
 * [instruction, output], and a system message its `system`, as LLaMA-Factory names them.
 */
import { z } from "zod";
import { RowFault } from "./format.ts";

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

const extras = z.looseObject({
  system: z.string().optional(),
  history: z.array(z.tuple([z.string(), z.string()])).optional(),
});

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

/** The messages before the response: system, history, and the prompt as the user's. */
export function messagesBefore(prompt: string, row: object): Message[] {
  const { system, history = [] } = extras.safeParse(row).data ?? {};
  return [
    ...(system === undefined ? [] : [{ role: "system", content: system } as const]),
    ...history.flatMap(([user, assistant]): Message[] => [
      { role: "user", content: user },
      { role: "assistant", content: assistant },
    ]),
    { role: "user", content: prompt },
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
