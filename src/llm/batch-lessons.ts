/**
 * What the failed lines of batches teach: which parameters the server does not take, so that those lines are sent again in
 * another form, and which requests it refuses whatever their form.
 */
import { UserError } from "../errors.ts";
import type { BatchFailure } from "./batch-table.ts";
import {
  type Accepted,
  REFUSABLE,
  type RefusableParameter,
  acceptedBut,
  parameterNamedIn,
} from "./parameter-refusal.ts";

export interface BatchLessons {
  takes: Accepted;
  /** Throws a `UserError` where one of these requests is not to be sent again. */
  refuseHopeless(requests: readonly string[]): void;
}

/** After as many failures in batches a request is taken for refused. */
const MOST_FAILURES = 3;

/** `place`: the server as the user named it. */
export function lessonsOf(failures: readonly BatchFailure[], place: string): BatchLessons {
  const refused = new Set<RefusableParameter>();
  const refusals = new Map<string, string[]>();
  for (const each of failures) {
    const named = parameterNamedIn(each.failure, formOf(each));
    if (named !== undefined) {
      refused.add(named);
      continue;
    }
    if (parameterNamedIn(each.failure, each.leftOut) !== undefined) throw refusesBoth(place, each.failure);
    refusals.set(each.request, [...(refusals.get(each.request) ?? []), each.failure]);
  }
  return {
    takes: acceptedBut(refused),
    refuseHopeless(requests) {
      const all = requests.flatMap((request) => refusals.get(request) ?? []);
      if (all.length >= MOST_FAILURES) throw refusesPrompt(place, all);
    },
  };
}

/** The refusable parameters that the line can have had. */
function formOf({ leftOut, n }: BatchFailure): RefusableParameter[] {
  return REFUSABLE.filter((name) => !leftOut.includes(name) && (name !== "n" || n > 1));
}

/** A list or row of its own, so that one prompt does not hold up the others for good. */
function refusesPrompt(place: string, failures: readonly string[]): UserError {
  return new UserError(
    `Model server ${place}: prompt refused in ${failures.length} batches: ${failures.at(-1)}. Shorten this prompt, or drop its row.`,
    { code: "prompt-refused", facts: { place } },
  );
}

/** Then it is not the prompt, and every other line would fail in the same way. */
function refusesBoth(place: string, failure: string): UserError {
  return new UserError(
    `Model server ${place}: requests of its batches are refused with this parameter and without it: ${failure}. Change the setting it names.`,
    { code: "server-refused-request", facts: { place } },
  );
}
