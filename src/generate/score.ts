/** Teacher-forced scoring: how likely the model finds given responses. Responses to one prompt share its computation. */
import { numLabels } from "../data/encode.ts";
import { type SequenceGroup, pack } from "../data/pack.ts";
import { UserError } from "../errors.ts";
import { GraphSession, type SessionOptions, lower } from "../graph/index.ts";
import { type Model, declareParameters, packedValues } from "../model/index.ts";

export interface SequenceScore {
  /** The sum over the response's tokens, EOS included, in nats. */
  readonly logprob: number;
  readonly numTokens: number;
  readonly tokenLogprobs: readonly number[];
}

/** Sequences of one batch are bounded by this many tokens. */
const MAX_TOKENS = 4096;

export class Scorer {
  readonly #session: GraphSession;

  private constructor(session: GraphSession) {
    this.#session = session;
  }

  static async open(model: Model, options: SessionOptions = {}): Promise<Scorer> {
    const { values: logprobs } = packedValues(model.config, declareParameters(model.config));
    const lowered = lower({ logprobs }, { frozen: model.parameters, device: options.device });
    return new Scorer(await GraphSession.open(lowered, model.parameters, options));
  }

  /** Scores of each group's sequences, in order; every sequence needs a label. An abort throws the signal's reason. */
  async score(
    groups: readonly SequenceGroup[],
    onProgress?: (done: number) => void,
    signal?: AbortSignal,
  ): Promise<SequenceScore[][]> {
    const scores: SequenceScore[][] = groups.map(() => []);
    const byLength = groups
      .map((group, index) => ({ group, index }))
      .toSorted((a, b) => tokensOf(a.group) - tokensOf(b.group));
    let done = 0;
    for (const batch of intoBatches(byLength)) {
      signal?.throwIfAborted();
      const batchScores = await this.#scoreBatch(batch.map(({ group }) => group));
      for (const [position, { index }] of batch.entries()) scores[index] = batchScores[position]!;
      onProgress?.((done += batch.length));
    }
    return scores;
  }

  async close(): Promise<void> {
    await this.#session.close();
  }

  async #scoreBatch(groups: readonly SequenceGroup[]): Promise<SequenceScore[][]> {
    const batch = pack(groups);
    const outputs = await this.#session.run(batch.inputs);
    const values = outputs.get("logprobs")!.data;
    const all = batch.sequences.map(({ start, count }) => {
      const tokenLogprobs = [...values.subarray(start, start + count)];
      const logprob = tokenLogprobs.reduce((sum, value) => sum + value, 0);
      if (!Number.isFinite(logprob)) throw notFinite(logprob);
      return { logprob, numTokens: count, tokenLogprobs };
    });
    let first = 0;
    return groups.map((group) => all.slice(first, (first += group.length)));
  }
}

function notFinite(logprob: number): UserError {
  return new UserError(
    `The model gives a response the log-probability ${logprob}: its weights are damaged, or its training diverged. Score with another checkpoint.`,
    { code: "logprob-not-finite" },
  );
}

interface IndexedGroup {
  group: SequenceGroup;
  index: number;
}

function* intoBatches(groups: readonly IndexedGroup[]): Iterable<IndexedGroup[]> {
  let batch: IndexedGroup[] = [];
  let size = 0;
  for (const each of groups) {
    const tokens = tokensOf(each.group);
    if (batch.length > 0 && size + tokens > MAX_TOKENS) {
      yield batch;
      [batch, size] = [[], 0];
    }
    batch.push(each);
    size += tokens;
  }
  if (batch.length > 0) yield batch;
}

function tokensOf(group: SequenceGroup): number {
  return group.reduce((sum, sequence) => sum + sequence.ids.length + numLabels(sequence), 0);
}
