/** Reads JSON that a server sent. The server is not trusted: every field in use is checked. */
import type { z } from "zod";

/** The server answered 200 and the body is not a usable reply: cut off, not JSON, or another shape. */
export class MalformedReply extends Error {
  constructor(message: string) {
    super(message);
    this.name = "MalformedReply";
  }
}

export function parseReply<T>(schema: z.ZodType<T>, body: string): T {
  const result = schema.safeParse(parseJson(body));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new MalformedReply(
    `unexpected reply (${issue?.path.join(".")}: ${issue?.message}): ${excerpt(body)}`,
  );
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return parsePythonJson(body);
  }
}

/** Python servers write NaN and Infinity, which JSON lacks; as null they are reported further up. */
function parsePythonJson(body: string): unknown {
  try {
    return JSON.parse(body.replace(/([:,[]\s*)(?:NaN|-?Infinity)(?=\s*[,}\]])/g, "$1null"));
  } catch {
    throw new MalformedReply(`the reply is not complete JSON: ${excerpt(body)}`);
  }
}

function excerpt(body: string): string {
  return body.length <= 200 ? JSON.stringify(body) : `${JSON.stringify(body.slice(0, 200))}...`;
}
