/** Judges that are asked by batch. */
import { type BatchedModel, openBatchedModel } from "../llm/index.ts";

/** Collects what their earlier batches have brought, one after the other. */
export async function openJudgeBatches(
  judges: readonly string[],
  connection: Parameters<typeof openBatchedModel>[1],
): Promise<BatchedModel[]> {
  const opened: BatchedModel[] = [];
  for (const judge of judges) opened.push(await openBatchedModel(judge, connection));
  return opened;
}

/** One judge's batch is sent even where another's is under way. Then throws a `UserError` that says to come back. */
export async function settleBatches(batched: readonly BatchedModel[]): Promise<void> {
  const outcomes = await Promise.allSettled(batched.map((judge) => judge.settle()));
  const waiting = outcomes.find((outcome) => outcome.status === "rejected");
  if (waiting !== undefined) throw waiting.reason;
}
