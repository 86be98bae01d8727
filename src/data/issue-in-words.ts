/** The first thing that a schema finds wrong with a row, in words. */
import type { z } from "zod";

/** `field` is a path such as `responses.0.text`; empty where the row as a whole is wrong. */
export function issueInWords(error: z.ZodError): { field: string; message: string } {
  const { path, message } = error.issues[0]!;
  return { field: path.join("."), message: message.replace(/^Invalid input: /, "") };
}
