/** Tells the user what weights of less precision do to the log-probabilities of what is sampled with them. */
import type { Generation } from "../../generate/generator.ts";
import type { DecoderOptions } from "../../generate/decoder.ts";
import { precisionEffect } from "../../generate/precision-effect.ts";
import type { Model } from "../../model/index.ts";

/** Responses that are scored again. */
const COMPARED = 64;

interface TellerOptions extends DecoderOptions {
  readonly say: (note: string) => void;
}

type Tell = (
  requests: readonly { readonly prompt: readonly number[] }[],
  drawn: readonly (readonly Generation[])[],
) => Promise<void>;

/** Speaks once, of the first responses that it is given. */
export function effectTeller(model: Model, { precision = "float32", say, ...options }: TellerOptions): Tell {
  let isDue = precision !== "float32";
  return async (requests, drawn) => {
    if (!isDue) return;
    isDue = false;
    const sampled = requests.flatMap(({ prompt: promptIds }, index) =>
      drawn[index]!.map((generation) => ({ promptIds, ...generation })),
    );
    const effect = await precisionEffect(model, sampled.slice(0, COMPARED), options);
    const [mean, largest] = [effect.meanAbsoluteDifference, effect.largestDifference].map((value) =>
      value.toFixed(4),
    );
    say(
      `note: with ${precision} weights, the log-probability of a token is off by ${mean} on average, ${largest} at most (${effect.tokens} tokens, against float32)`,
    );
  };
}
