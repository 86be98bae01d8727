/** What the hub's refusals mean, in words. Nothing that the server says is repeated: it might hold the token. */
import { UserError } from "../errors.ts";
import type { HubReference } from "./reference.ts";

export interface Asked extends HubReference {
  readonly endpoint: string;
  readonly hasToken: boolean;
}

/** For an answer that is neither a success nor worth another try. */
export function refusal({ status, headers }: Pick<Response, "status" | "headers">, asked: Asked): UserError {
  const code = headers.get("x-error-code") ?? "";
  if (code === "GatedRepo") return gated(asked);
  if (code === "RevisionNotFound") return unknownRevision(asked);
  // Without a token the hub answers 401 for what does not exist, too: it does not tell what is private.
  if (code === "RepoNotFound" || (status === 404 && code === "")) return unknownModel(asked);
  if (status === 401 || status === 403) return forbidden(status, asked);
  return new UserError(
    `${asked.endpoint} answered ${status}${code === "" ? "" : ` (${code})`} for ${asked.id}@${asked.revision}. Check HF_ENDPOINT, and try again later.`,
    { code: "hub-refused", facts: { ...asked, status } },
  );
}

/** For a server that could not be reached or did not recover. */
export class HubUnreachable extends UserError {
  constructor({ endpoint, id }: Asked, reason: string, cause?: unknown) {
    super(
      `${endpoint} cannot be reached for ${id} (${reason}). Check the connection and HF_ENDPOINT, and run the same command again: what is downloaded is kept.`,
      { code: "hub-unreachable", facts: { endpoint, id, reason }, cause },
    );
  }
}

function gated(asked: Asked): UserError {
  const { endpoint, id, hasToken } = asked;
  const access = `Ask for access at ${endpoint}/${id}`;
  const message = hasToken
    ? `${id} is gated, and the account of the token that was sent has no access to it. ${access} with that account, then run the same command again.`
    : `${id} is gated, and no token was sent. ${access}, then set HF_TOKEN to a token of that account (${endpoint}/settings/tokens).`;
  return new UserError(message, { code: "hub-gated", facts: { id } });
}

function unknownRevision({ endpoint, id, revision }: Asked): UserError {
  return new UserError(
    `${id} has no revision "${revision}". Name a branch, a tag or a whole commit of ${endpoint}/${id}/tree/main, or none for the main branch.`,
    { code: "hub-revision-unknown", facts: { id, revision } },
  );
}

function unknownModel({ endpoint, id, hasToken }: Asked): UserError {
  const token = hasToken
    ? "the token that was sent does not see it"
    : "a private one needs HF_TOKEN, a token that may read it";
  return new UserError(
    `There is neither a folder ${id} nor a model ${id} at ${endpoint}. Check the spelling; ${token}.`,
    { code: "hub-model-unknown", facts: { endpoint, id } },
  );
}

function forbidden(status: number, { endpoint, id, hasToken }: Asked): UserError {
  const advice = hasToken
    ? `The token that was sent is not valid or may not read it: make another at ${endpoint}/settings/tokens and set HF_TOKEN.`
    : `Set HF_TOKEN to a token that may read it (${endpoint}/settings/tokens).`;
  return new UserError(`${endpoint} refuses ${id} (${status}). ${advice}`, {
    code: "hub-forbidden",
    facts: { id, status },
  });
}
