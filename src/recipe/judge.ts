/** The judge that a stage names: a server's URL#MODEL, a local model, or the pocket world's own, there for as long as it is needed. */
import { type ConnectOptions, parseModelReference } from "../llm/index.ts";
import { startJudgeServer } from "../pocket/judge-server.ts";
import { localModelFolder } from "./local-reference.ts";

/** Its name, also to the journal. */
export const POCKET = "pocket";

type JudgeConnection = Pick<ConnectOptions, "identity" | "server">;

/** `use` gets the judge's name, and what else it takes to ask it and to find its replies in a journal. */
export async function withJudge<Result>(
  name: string,
  use: (reference: string, options: JudgeConnection) => Promise<Result>,
): Promise<Result> {
  const folder = localModelFolder(name);
  if (folder !== undefined) return withLocalJudge(folder, (judge) => use(name, judge));
  if (name !== POCKET) return use(name, {});
  const server = await startJudgeServer();
  try {
    // Its port is another one each time.
    return await use(`${server.baseUrl}#pocket-judge`, { identity: POCKET });
  } finally {
    await server.close();
  }
}

/** As `withJudge`, for several judges at once; `use` gets them in the order of their names. */
export async function withJudges<Result>(
  names: readonly string[],
  use: (judges: readonly (readonly [string, JudgeConnection])[]) => Promise<Result>,
): Promise<Result> {
  const [name, ...rest] = names;
  if (name === undefined) return use([]);
  return withJudge(name, (...judge) => withJudges(rest, (judges) => use([judge, ...judges])));
}

/** False for judges that run in this process. */
export function isRemote(name: string): boolean {
  return name !== POCKET && localModelFolder(name) === undefined;
}

/** Throws a `UserError` where the name can be no judge's. */
export function checkJudge(name: string): void {
  if (isRemote(name)) parseModelReference(name);
}

async function withLocalJudge<Result>(
  folder: string,
  use: (options: JudgeConnection) => Promise<Result>,
): Promise<Result> {
  // Loaded only where it is used: it brings the engine with it.
  const { openLocalServer } = await import("./local-model-server.ts");
  const server = await openLocalServer(folder);
  try {
    return await use({ server, identity: server.identity.baseUrl });
  } finally {
    await server.close();
  }
}
