/** The judge that a stage names: a server's URL#MODEL, or the pocket world's own, started for as long as it is needed. */
import { startJudgeServer } from "../pocket/judge-server.ts";

export async function withJudge<Result>(
  name: string,
  use: (reference: string) => Promise<Result>,
): Promise<Result> {
  if (name !== "pocket") return use(name);
  const server = await startJudgeServer();
  try {
    return await use(`${server.baseUrl}#pocket-judge`);
  } finally {
    await server.close();
  }
}
