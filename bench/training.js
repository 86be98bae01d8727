/** Training on ranked lists against the authors' step and against what one would write today, and against the machine's roof. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { measureOurs, measurePeer } from "./measure.js";
import { checkEqual, ratio } from "./ratio.js";

/** How far a loss may be from ours, relative: float32 in another order, and bfloat16. */
const TOLERANCE = { reference: 1e-3, best: 5e-3, compiled: 5e-3 };

/** `peers`: which of the ways in `peers/train.py`. */
export function benchTraining({ model, groups, work }, { peak, peers, repeats }) {
  const ours = measureOurs("train.js", model, groups, "packed", repeats);
  const padded = measureOurs("train.js", model, groups, "padded", 1);
  checkEqual("The loss, packed and padded", [[ours.loss], [padded.loss]], 1e-5 * Math.abs(ours.loss));
  const recomputed = measureOurs("train.js", model, groups, "recomputed", repeats);
  checkEqual("The loss with activation checkpointing", [[ours.loss], [recomputed.loss]], 0);
  const measured = Object.fromEntries(
    peers.map((how) => [how, measurePeer("train.py", model, groups, how, 1)]),
  );
  for (const [how, peer] of Object.entries(measured)) {
    if (peer === null) continue;
    const what = `The loss (${ours.loss} here, ${peer.loss} with ${how})`;
    checkEqual(what, [[ours.loss], [peer.loss]], TOLERANCE[how] * Math.abs(ours.loss));
  }
  const linear = linearRate({ model, groups, work });
  // Again, beside the training: the rate of a machine that others use too changes within minutes.
  const roof = Math.max(peak, measureOurs("matmul-peak.js").flops);
  const bestPractice = fasterOf(measured.best, measured.compiled);
  return {
    vsReference: ratio(ours, measured.reference),
    vsBestPractice: ratio(ours, bestPractice),
    vsPadded: ratio(ours, padded),
    activationCheckpointing: {
      time: recomputed.seconds / ours.seconds,
      memory: recomputed.peakGigabytes / ours.peakGigabytes,
    },
    peakShare: linear / roof,
    peakShareOfStep: ours.linearFlops / ours.seconds / roof,
    roofFlops: roof,
    linearFlopsPerSecond: linear,
    memoryShareOfReference: measured.reference && ours.peakGigabytes / measured.reference.peakGigabytes,
    tokensPerSecond: ours.tokens / ours.seconds,
    expectedTokensPerSecond: ours.expectedTokensPerSecond,
    examplesPerSecond: ours.examples / ours.seconds,
    savedTokenShare: 1 - ours.tokens / ours.paddedTokens,
    ours,
    peers: measured,
  };
}

function fasterOf(...measurements) {
  const [first = null] = measurements.filter(Boolean).toSorted((a, b) => a.seconds - b.seconds);
  return first;
}

/** FLOP/s of the linear layers in a profiled run: their arithmetic over the time of their matrix products alone. */
function linearRate({ model, groups, work }) {
  const folder = mkdtempSync(join(work, "profile-"));
  const { linearFlops, steps } = measureOurs("train.js", model, groups, "packed", 3, join(folder, "step"));
  const [file] = readdirSync(folder);
  const events = JSON.parse(readFileSync(join(folder, file), "utf8"));
  rmSync(folder, { recursive: true });
  const microseconds = events.filter(isLinear).reduce((sum, { dur }) => sum + dur, 0);
  return (linearFlops * steps) / (microseconds / 1e6);
}

/** Products of two matrices; those of attention have batch axes, but for the copies of prompts, which take next to no time. */
function isLinear({ cat, args }) {
  if (cat !== "Node" || !["Gemm", "MatMul", "FusedMatMul"].includes(args.op_name)) return false;
  return args.input_type_shape.every((shape) => Object.values(shape)[0].length <= 2);
}
