"""Token sequences as padded tensors. A sequence is `{"ids": [...], "labelStart": n}`: labels begin there."""

import torch
from torch import Tensor

IGNORED = -100


def pad(rows: list[list[int]], value: int) -> Tensor:
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[value] * (longest - len(row))] for row in rows])


def padded(sequences: list[dict]) -> tuple[Tensor, Tensor, Tensor]:
    """Ids, attention mask, and labels: the token that follows each position, where it is to be predicted."""
    ids = [sequence["ids"] for sequence in sequences]
    labels = [
        [IGNORED] * sequence["labelStart"] + sequence["ids"][sequence["labelStart"] :]
        for sequence in sequences
    ]
    mask = [[1] * len(row) for row in ids]
    return pad(ids, 0), pad(mask, 0), pad(labels, IGNORED)[:, 1:]


def label_sums(logits: Tensor, labels: Tensor) -> Tensor:
    """The log-probability of each sequence's labels, from full logits."""
    is_label = labels != IGNORED
    chosen = logits.log_softmax(-1).gather(-1, labels.clamp(min=0)[..., None])[..., 0]
    return (chosen * is_label).sum(-1)


def num_labels(sequences: list[dict]) -> Tensor:
    return torch.tensor([len(sequence["ids"]) - sequence["labelStart"] for sequence in sequences])
