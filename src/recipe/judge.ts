/** The judge that a stage names: a server's URL#MODEL, or the pocket world's own, started for as long as it is needed. */
import { type ConnectOptions, parseModelReference } from "../llm/index.ts";
import { startJudgeServer } from "../pocket/judge-server.ts";

const POCKET = "pocket";

/** `use` gets the judge's URL#MODEL, and what else it takes to find its replies in a journal. */
export async function withJudge<Result>(
  name: string,
  use: (reference: string, options: Pick<ConnectOptions, "identity">) => Promise<Result>,
): Promise<Result> {
  if (name !== POCKET) return use(name, {});
  const server = await startJudgeServer();
  try {
    // Its port is another one each time.
    return await use(`${server.baseUrl}#pocket-judge`, { identity: POCKET });
  } finally {
    await server.close();
  }
}

/** Throws a `UserError` where the name can be no judge's. */
export function checkJudge(name: string): void {
  if (name !== POCKET) parseModelReference(name);
}
