/** Log-probabilities of given responses, against `transformers`; and ROUGE-L, against google's rouge_score. */
import { measureOurs, measurePeer } from "./measure.js";
import { checkEqual, ratio } from "./ratio.js";

export function benchScoring({ model, groups }) {
  const { logprobs, ...ours } = measureOurs("score.js", model, groups);
  const transformers = measurePeer("score.py", model, groups);
  if (transformers === null) return { vsTransformers: null, ours };
  const { logprobs: theirs, ...peer } = transformers;
  const difference = checkEqual("A response's log-probability", [logprobs, theirs], 1e-3);
  return { vsTransformers: ratio(ours, peer), difference, ours, peers: { transformers: peer } };
}

export function benchRouge({ pairs }) {
  const { scores, ...ours } = measureOurs("rouge.js", pairs);
  const rougeScore = measurePeer("rouge.py", pairs);
  if (rougeScore === null) return { vsRougeScore: null, ours };
  const { scores: theirs, ...peer } = rougeScore;
  checkEqual("ROUGE-L", [scores.flat(), theirs.flat()], 0);
  return { vsRougeScore: ratio(ours, peer), ours, peers: { rougeScore: peer } };
}
