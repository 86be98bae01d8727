#!/usr/bin/env node
/**
 * `TUNA_BENCH_PYTHON=PYTHON node bench/bertscore.js`: BERTScore against the `bert-score` package, on encoders with random
 * weights of two shapes: seconds, and seconds of the processor, which other work disturbs less. That Python needs torch, transformers and the package (`pip install bert-score==0.3.13`).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measureOurs, measurePeer } from "./measure.js";
import { checkEqual, ratio } from "./ratio.js";
import { benchmarkTexts, writeInputs } from "./setting.js";

/** `tiny` is the smallest BERT that there is, `base` has the shape of bert-base-uncased and its tuned layer. */
const SHAPES = {
  tiny: { width: 128, layers: 2, heads: 2, layer: 1, pairs: 2000 },
  base: { width: 768, layers: 12, heads: 12, layer: 9, pairs: 100 },
};

const work = mkdtempSync(join(tmpdir(), "tuna-bench-"));
try {
  for (const [name, { width, layers, heads, layer, pairs: number }] of Object.entries(SHAPES)) {
    const { pairs } = writeInputs(work, { pairs: benchmarkTexts(number) });
    const encoder = join(work, name);
    measurePeer("write_encoder.py", encoder, pairs, width, layers, heads);
    const { scores, ...ours } = measureOurs("bertscore.js", encoder, pairs, layer);
    const { scores: theirs, ...peer } = measurePeer("bertscore.py", encoder, pairs, layer);
    const difference = checkEqual("BERTScore", [scores, theirs], 1e-4);
    console.log(
      JSON.stringify({ name, pairs: number, vsBertScore: ratio(ours, peer), difference, ours, peer }),
    );
  }
} finally {
  rmSync(work, { recursive: true });
}
