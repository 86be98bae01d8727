import { describe, expect, test } from "vitest";
import { promptOf } from "../../model/index.ts";
import type { InstructionRow } from "../record.ts";
import { read, write } from "./formats.fixture.ts";

describe("dialogues", () => {
  test.each(["messages", "sharegpt"] as const)(
    "%s: the input follows the instruction, as in a chat",
    (name) => {
      const row = { id: "0", instruction: "Add.", input: "1 and 2", output: "3" };
      const [written] = write(name, [row]);
      expect(JSON.stringify(written)).toContain(JSON.stringify(promptOf("chat", row)));
    },
  );

  test.each([
    {
      messages: [
        { role: "system", content: "s" },
        { role: "user", content: "a", name: "ann" },
        { role: "assistant", content: "b", weight: 0 },
      ],
    },
    {
      conversations: [
        { from: "human", value: "a" },
        { from: "gpt", value: "b", weight: 1 },
      ],
    },
  ])("what messages hold beside role and text is kept, and comes back: %j", async (row) => {
    const name = "messages" in row ? "messages" : "sharegpt";
    for (const kind of ["jsonl", "csv", "parquet"]) {
      const rows = (await read([row], kind)) as InstructionRow[];
      expect(rows[0]!["messageExtras"]).toBeDefined();
      expect(write(name, rows)).toEqual([row]);
      const stored = (await read(write("alpaca", rows), kind)) as InstructionRow[];
      expect(write(name, stored)).toEqual([row]);
    }
  });

  test("extras of another number of messages stay aside, and nulls are none", async () => {
    const said = [
      { role: "user", content: "a", name: null },
      { role: "assistant", content: "b" },
    ];
    const [row] = (await read([{ messages: said }])) as InstructionRow[];
    expect(row).not.toHaveProperty("messageExtras");
    const [written] = write("messages", [{ ...row!, messageExtras: [{ name: "x" }] }]);
    expect(written).toEqual({ messages: said.map(({ role, content }) => ({ role, content })) });
  });

  test("a system message of its own, beside the dialogue, moves extras on", async () => {
    const conversations = [
      { from: "human", value: "a", weight: 0 },
      { from: "gpt", value: "b" },
    ];
    const rows = (await read([{ conversations, system: "s" }])) as InstructionRow[];
    expect(write("sharegpt", rows)).toEqual([
      { conversations: [{ from: "system", value: "s" }, ...conversations] },
    ]);
  });

  test.each([
    [
      { messages: [{ role: "user", content: "a" }] },
      "field messages: expected a message of the assistant at the end, found user",
    ],
    [{ messages: [{ role: "tool", content: "a" }] }, "field messages.0.role: "],
    [
      { conversations: [{ from: "gpt", value: "a" }] },
      "field conversations: expected a message of the user before the response",
    ],
    [
      {
        conversations: [
          { from: "human", value: "a" },
          { from: "human", value: "b" },
          { from: "gpt", value: "c" },
        ],
      },
      "field conversations.1: expected a message of the assistant, found one of the user",
    ],
  ])("%j: %s", async (row, message) => {
    await expect(read([row])).rejects.toThrow(message);
  });
});
