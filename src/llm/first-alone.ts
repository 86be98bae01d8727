/**
 * Before a stage spends on many log-probabilities, its first request finds out whether the server gives them: it goes alone,
 * the others wait for its reply, and where it is of no use nothing more is sent. It costs nothing, since its reply is used.
 */
import { UserError } from "../errors.ts";
import type { ModelServer } from "./model-server.ts";
import { isOfOneReply } from "./token-logprobs.ts";

export function firstAlone(server: ModelServer): ModelServer {
  const { identity } = server;
  const sampling = createGate(`${identity.baseUrl}#${identity.model}`);
  const scoring = createGate(`${identity.baseUrl}#${identity.model}`);
  return {
    identity,
    complete(request, options) {
      if (!request.logprobs) return server.complete(request, options);
      return sampling(
        () => server.complete(request, options),
        ({ choices }) => choices.find(({ problem }) => problem !== undefined)?.problem,
      );
    },
    ...(server.scoreText !== undefined && {
      scoreText: (given, options) =>
        scoring(
          () => server.scoreText!(given, options),
          ({ problem }) => problem,
        ),
    }),
  };
}

type Gate = <Reply>(
  ask: () => Promise<Reply>,
  problemOf: (reply: Reply) => string | undefined,
) => Promise<Reply>;

interface GateState {
  /** The first reply is there, and of use or not. */
  known: boolean;
  problem?: string | undefined;
  first?: Promise<unknown> | undefined;
}

function createGate(server: string): Gate {
  const state: GateState = { known: false };
  return async (ask, problemOf) => {
    // A first request that failed says nothing: the next one is first then.
    while (!state.known && state.first !== undefined) await state.first.catch(() => {});
    if (state.problem !== undefined) throw notAsked(server, state.problem);
    if (state.known) return ask();
    const mine = ask();
    state.first = mine;
    try {
      const reply = await mine;
      const problem = problemOf(reply);
      // Then it gives them, but for this prompt.
      if (problem === undefined || !isOfOneReply(problem)) state.problem = problem;
      state.known = true;
      return reply;
    } finally {
      state.first = undefined;
    }
  };
}

function notAsked(server: string, problem: string): UserError {
  return new UserError(
    `Model server ${server}: not asked, since its first reply was of no use: ${problem}.`,
    { code: "logprobs-missing", facts: { server, problem } },
  );
}
