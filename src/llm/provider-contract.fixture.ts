/** The contract suite: what every provider does, behind a server or in this process. */
import { expect, test } from "vitest";
import { UserError } from "../errors.ts";
import { connectModel } from "./connect.ts";
import type { ModelServer } from "./model-server.ts";

export interface ProviderCase {
  /** A fresh one that answers, or that is to be asked what is too long for it. Whoever opens it closes it. */
  open: (question: "fits" | "too long") => Promise<{
    provided: ModelServer;
    /** How many requests it has received so far, where that can be seen. */
    asked?: () => number;
  }>;
  /** A question that is too long for it. */
  tooLong: string;
  /** What it says to any other question. */
  says: { text: unknown; logprob: unknown; numTokens: unknown };
  /** Whether it gives the log-probabilities of what it samples. */
  logprobs: boolean;
  /** Whether it holds replies to a schema, where it is not refused. */
  holdsToSchema: boolean;
}

/** As zod writes one: a tuple and limits, which no provider knows. */
export const FORM = {
  name: "scores",
  schema: {
    type: "object",
    properties: {
      scores: {
        type: "array",
        prefixItems: [1, 2].map(() => ({ type: "number", minimum: 0, maximum: 5 })),
        items: false,
        minItems: 2,
        maxItems: 2,
      },
    },
    required: ["scores"],
    additionalProperties: false,
  },
};
const asking = (content: string) => ({
  messages: [
    { role: "system", content: "Be brief." },
    { role: "user", content },
  ] as const,
  temperature: 0,
  maxTokens: 8,
});
const QUESTION = { ...asking("Is it?"), logprobs: false };
const DRAW = { prompt: "Is it?", n: 3, temperature: 1, maxTokens: 8 };

export function providerContract({ open, tooLong, says, logprobs, holdsToSchema }: ProviderCase): void {
  test("it answers a conversation: text, the reason it ended, and what it took", async () => {
    const { provided } = await open("fits");
    const reply = await connectModel("", { server: provided }).chat(asking("Is it?"));
    expect(reply.text).toEqual(says.text);
    expect(["stop", "eos_token", "length"]).toContain(reply.finishReason);
    expect(Object.values(reply.usage!).every((count) => Number.isInteger(count) && count > 0)).toBe(true);
  });

  test.runIf(logprobs)("it samples: as many as were asked for, with summed log-probabilities", async () => {
    const { provided } = await open("fits");
    const samples = await connectModel("", { server: provided }).sample(DRAW);
    expect(samples).toEqual(samples.map(() => expect.objectContaining(says) as unknown));
    expect(samples).toHaveLength(3);
  });

  test.skipIf(logprobs)("samples are refused without log-probabilities, never given a zero", async () => {
    const { provided } = await open("fits");
    await expect(connectModel("", { server: provided }).sample(DRAW)).rejects.toMatchObject({
      name: "UserError",
      code: "logprobs-missing",
      message: expect.stringMatching(/vLLM|llama\.cpp|Ollama/) as string,
    });
  });

  test("what is asked is written down first; where it cannot be, nothing is asked", async () => {
    const { provided, asked } = await open("fits");
    const attempts: number[] = [];
    const onAttempt = async (attempt: number): Promise<void> => void attempts.push(attempt);
    expect(await provided.complete(QUESTION, { n: 1, onAttempt })).toMatchObject({ attempt: 1 });
    expect(attempts).toEqual([1]);
    const before = asked?.();
    const full = new UserError("the disk is full", { code: "disk-full" });
    await expect(provided.complete(QUESTION, { n: 1, onAttempt: () => Promise.reject(full) })).rejects.toBe(
      full,
    );
    expect(asked?.()).toBe(before);
  });

  test("after an abort nothing is written down or asked", async () => {
    const { provided, asked } = await open("fits");
    const attempts: number[] = [];
    const stopped = provided.complete(QUESTION, {
      n: 1,
      signal: AbortSignal.abort(new Error("the user stopped")),
      onAttempt: async (attempt) => void attempts.push(attempt),
    });
    await expect(stopped).rejects.toThrow("the user stopped");
    expect(attempts).toEqual([]);
    expect(asked?.() ?? 0).toBe(0);
  });

  test("a prompt that is too long is that prompt's fault, and not tried again", async () => {
    const { provided, asked } = await open("too long");
    const refused = connectModel("", { server: provided }).chat(asking(tooLong));
    await expect(refused).rejects.toMatchObject({ name: "UserError", code: "prompt-refused" });
    expect(asked?.() ?? 1).toBe(1);
  });

  test("a reply counts as held to a schema only where it is", async () => {
    const { provided } = await open("fits");
    const completion = await provided.complete({ ...QUESTION, schema: FORM }, { n: 1 });
    expect(completion.choices[0]!.text).toEqual(says.text);
    expect(completion.heldToSchema ?? false).toBe(holdsToSchema);
  });
}
