"""`bertscore.py MODEL PAIRS.json LAYER`: BERTScore of pairs of texts with the `bert-score` package, timed."""

import json
import sys
import time
from pathlib import Path

from bert_score import BERTScorer

from report import fastest, report

REPEATS = 3


def main() -> None:
    folder, pairs_path, layer = sys.argv[1:]
    pairs = json.loads(Path(pairs_path).read_text())
    predictions, targets = [[pair[name] for pair in pairs] for name in ("prediction", "target")]
    scorer = BERTScorer(model_type=folder, num_layers=int(layer), device="cpu")
    scorer.score(predictions[:16], targets[:16])
    before = time.process_time()
    seconds, (_, _, fmeasures) = fastest(REPEATS, lambda: scorer.score(predictions, targets))
    cpu_seconds = (time.process_time() - before) / REPEATS
    report(seconds=seconds, cpuSeconds=cpu_seconds, scores=fmeasures.tolist())


main()
