/**
 * Reads a judge's reply to the contextual ranking prompt. What cannot be read is a failure with its reason,
 * never a guess. Whether the reply repeats a response's text is checked where the responses are known
 * (`read-verdict.ts`), and whether the judge says why it leaves responses out where it can be asked again
 * (`judged-omissions.ts`).
 */
import { findJudgedOrder } from "./judged-order.ts";
import { findInstructionKind, findReference } from "./judged-reference.ts";
import { findJudgedScores } from "./judged-scores.ts";
import { type Judgement, type UnreadableJudgement, checkedJudgement } from "./judgement.ts";

export function parseJudgement(written: string, numResponses: number): Judgement | UnreadableJudgement {
  const reply = written.replaceAll("\r\n", "\n");
  const order = findJudgedOrder(reply);
  if (order === undefined) return { ok: false, reason: "no rank list found" };
  if (order.labels === undefined) {
    return { ok: false, reason: `the rank list [${order.written}] holds more than response numbers` };
  }
  const judgement: Judgement = {
    ok: true,
    ranking: order.labels,
    scores: new Map([...findJudgedScores(reply)].filter(([label]) => label <= numResponses)),
    reference: findReference(reply, { label: numResponses, end: order.lineStart }),
    kind: findInstructionKind(reply, numResponses),
  };
  return checkedJudgement(judgement, numResponses);
}
