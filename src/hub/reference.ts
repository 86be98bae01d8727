/** Names of models on the hub: `owner/name`, `owner/name@revision`, and with `hf:` before it anything of the hub. */
import { UserError } from "../errors.ts";

export interface HubReference {
  /** `owner/name`; the oldest models have a name only. */
  readonly id: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
}

const EXPLICIT = "hf:";
const SEGMENT = /^[A-Za-z0-9_](?:[\w.-]*[A-Za-z0-9_])?$/;
const REVISION = /^[^\s~^:?*[\\/@-][^\s~^:?*[\\]*$/;

/**
 * Undefined for what can only be a path. `owner/name` may be a path too: the caller looks for a folder first. A name
 * alone, such as gpt2, is the hub's only behind `hf:`, so that a mistyped folder is not looked for there.
 */
export function parseHubReference(text: string): HubReference | undefined {
  const isExplicit = isExplicitReference(text);
  const [id, ...rest] = text.slice(isExplicit ? EXPLICIT.length : 0).split("@") as [string, ...string[]];
  const revision = rest.length === 0 ? "main" : rest.join("@");
  const reference = hubReference(id, revision);
  if (reference !== undefined && (isExplicit || id.includes("/"))) return reference;
  if (!isExplicit) return undefined;
  throw new UserError(
    `Model "${text}": expected hf:owner/name or hf:owner/name@revision, as in hf:HuggingFaceTB/SmolLM2-135M@main.`,
    { code: "hub-reference-invalid", facts: { reference: text } },
  );
}

/** Undefined where no model of the hub can have that id, or no model that revision. */
export function hubReference(id: string, revision: string): HubReference | undefined {
  return isRepository(id.split("/")) && isRevision(revision) ? { id, revision } : undefined;
}

/** The form that can be nothing else. */
export function formatHubReference({ id, revision }: HubReference): string {
  return `${EXPLICIT}${id}@${revision}`;
}

export function isExplicitReference(text: string): boolean {
  return text.startsWith(EXPLICIT);
}

function isRepository(segments: readonly string[]): boolean {
  return segments.length <= 2 && segments.every((each) => SEGMENT.test(each) && !/--|\.\./.test(each));
}

/** It becomes the name of a file below `refs/` of the cache. */
function isRevision(revision: string): boolean {
  return REVISION.test(revision) && revision.split("/").every((part) => !/^\.*$|\.\./.test(part));
}
