"""`rouge.py PAIRS.json`: ROUGE-L of every pair with google's rouge_score and its stemmer, timed."""

import json
import sys
from pathlib import Path

from rouge_score.rouge_scorer import RougeScorer

from report import fastest, report


def main() -> None:
    pairs = json.loads(Path(sys.argv[1]).read_text())
    scorer = RougeScorer(["rougeL"], use_stemmer=True)
    seconds, scores = fastest(
        3, lambda: [scorer.score(pair["target"], pair["prediction"])["rougeL"] for pair in pairs]
    )
    report(seconds=seconds, scores=scores)


main()
