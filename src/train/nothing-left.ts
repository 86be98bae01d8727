/** The error for data of which every example was dropped. */
import { UserError } from "../errors.ts";
import { countOf } from "../text/count-of.ts";
import type { DataSummary } from "./encode-examples.ts";

/** `what` begins the message; `window` is in tokens. */
export function nothingLeft(
  what: string,
  { promptFillsWindow, withoutResponses }: DataSummary,
  window: number,
): UserError {
  const [tooLong, without] = [promptFillsWindow.length, withoutResponses.length];
  const reasons = [
    tooLong > 0 &&
      `${countOf(tooLong, "prompt")} of ${window} tokens or more, which is the whole window: raise --max-length, or shorten them`,
    without > 0 &&
      `${countOf(without, "example")} without a response that the objective uses: add responses, or choose another --mle-target`,
  ];
  return new UserError(`${what}: ${reasons.filter((reason) => reason !== false).join("; ")}.`, {
    code: "no-examples",
  });
}
