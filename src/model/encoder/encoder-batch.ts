/** Texts as token ids, laid out as the inputs of an encoder's graph. */
import type { Value } from "../../graph/index.ts";
import type { EncoderConfig } from "./encoder-config.ts";

/** As `causalBias`: far below any score, and not -infinity. */
const UNSEEN_BIAS = -1e9;

/** Padded to the longest of them. */
export function encoderBatch(
  texts: readonly ArrayLike<number>[],
  config: EncoderConfig,
): Record<"tokenIds" | "positions" | "keyBias", Value> {
  const length = texts.reduce((longest, ids) => Math.max(longest, ids.length), 0);
  const shape = [texts.length, length];
  const tokenIds = new Int32Array(texts.length * length).fill(config.paddingId);
  const positions = new Int32Array(tokenIds.length).fill(config.positionOfPadding ?? 0);
  const keyBias = new Float32Array(tokenIds.length).fill(UNSEEN_BIAS);
  for (const [text, ids] of texts.entries()) {
    const start = text * length;
    tokenIds.set(ids, start);
    positions.set(positionsOf(ids, config), start);
    keyBias.fill(0, start, start + ids.length);
  }
  return {
    tokenIds: { data: tokenIds, shape },
    positions: { data: positions, shape },
    keyBias: { data: keyBias, shape },
  };
}

/** RoBERTa passes over padding tokens, also where a text itself spells one. */
function positionsOf(ids: ArrayLike<number>, { positionOfPadding, paddingId }: EncoderConfig): Int32Array {
  if (positionOfPadding === undefined) return Int32Array.from(ids, (_, index) => index);
  let last = positionOfPadding;
  return Int32Array.from(ids, (id) => (id === paddingId ? positionOfPadding : ++last));
}
