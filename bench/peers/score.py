"""`score.py MODEL GROUPS.json`: the log-probability of every response with `transformers`, timed.

Padded batches in the order of the file, full logits, float32.
"""

import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM

from batches import label_sums, padded
from report import fastest, report

BATCH = 16


def main() -> None:
    folder, groups_path = sys.argv[1:]
    sequences = [sequence for group in json.loads(Path(groups_path).read_text()) for sequence in group]
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()

    def score(some: list[dict]) -> list[float]:
        ids, mask, labels = padded(some)
        return label_sums(model(input_ids=ids, attention_mask=mask).logits[:, :-1], labels).tolist()

    def score_all() -> list[float]:
        starts = range(0, len(sequences), BATCH)
        return [logprob for start in starts for logprob in score(sequences[start : start + BATCH])]

    with torch.inference_mode():
        score(sequences[:BATCH])
        seconds, logprobs = fastest(1, score_all)
    report(seconds=seconds, logprobs=logprobs)


main()
