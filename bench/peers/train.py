"""`train.py MODEL GROUPS.json reference|best|compiled REPEATS`: one optimizer step over ranked lists, timed.

`reference` is the authors' step: every candidate padded to the longest of the batch, full logits, float32,
eager attention. `best` computes the same loss as one would today: bfloat16 autocast, SDPA, candidates sorted
by length into batches of a token budget, logits of response positions only. `compiled` is `best` with
`torch.compile`. The reference warms up on one example, since its steps are long; the others on a whole step.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor
from transformers import AutoModelForCausalLM

from batches import IGNORED, label_sums, num_labels, padded
from report import fastest, report

MARGIN = 0.1
BATCH_TOKENS = 4096


def objective(sums: Tensor, counts: Tensor, num_candidates: int) -> Tensor:
    """`MarginRankingLoss` for each gap between candidates, best first, plus the mean over all tokens."""
    v = (sums / counts).view(-1, num_candidates)
    rank = torch.zeros(())
    for gap in range(1, num_candidates):
        rank = rank + torch.relu(v[:, gap:] - v[:, :-gap] + MARGIN * gap).mean()
    return rank - sums.sum() / counts.sum()


def reference_step(model: torch.nn.Module, sequences: list[dict], num_candidates: int) -> Tensor:
    ids, mask, labels = padded(sequences)
    logits = model(input_ids=ids, attention_mask=mask).logits[:, :-1]
    loss = objective(label_sums(logits, labels), num_labels(sequences), num_candidates)
    loss.backward()
    return loss.detach()


def best_step(model: torch.nn.Module, sequences: list[dict], num_candidates: int) -> Tensor:
    """The loss couples an example's candidates: first all sums, then each batch's gradient."""
    sums = torch.zeros(len(sequences))
    with torch.no_grad():
        for batch in batches_by_length(sequences):
            sums[batch] = response_sums(model, [sequences[i] for i in batch])
    sums.requires_grad_()
    loss = objective(sums, num_labels(sequences), num_candidates)
    (slopes,) = torch.autograd.grad(loss, sums)
    for batch in batches_by_length(sequences):
        (response_sums(model, [sequences[i] for i in batch]) * slopes[batch]).sum().backward()
    return loss.detach()


def response_sums(model: torch.nn.Module, sequences: list[dict]) -> Tensor:
    ids, _, labels = padded(sequences)
    is_label = labels != IGNORED
    with torch.autocast("cpu", dtype=torch.bfloat16):
        # Padding stands on the right, where causal attention does not see it.
        states = model.model(input_ids=ids).last_hidden_state[:, :-1]
        logits = model.lm_head(states[is_label])
    chosen = logits.float().log_softmax(-1).gather(-1, labels[is_label][:, None])[:, 0]
    return torch.zeros(len(sequences)).index_add(0, is_label.nonzero()[:, 0], chosen)


def batches_by_length(sequences: list[dict]) -> list[list[int]]:
    """Indices of like lengths, as many as stay within the budget."""
    order = sorted(range(len(sequences)), key=lambda i: len(sequences[i]["ids"]))
    result: list[list[int]] = [[]]
    for index in order:
        if result[-1] and (len(result[-1]) + 1) * len(sequences[index]["ids"]) > BATCH_TOKENS:
            result.append([])
        result[-1].append(index)
    return result


def optimizer_step(
    model: torch.nn.Module, step: Callable[..., Tensor]
) -> Callable[[list[list[dict]]], Tensor]:
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.0, weight_decay=0.0)

    def run(groups: list[list[dict]]) -> Tensor:
        optimizer.zero_grad()
        loss = step(model, [sequence for group in groups for sequence in group], len(groups[0]))
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss

    return run


def main() -> None:
    folder, groups_path, how, repeats = sys.argv[1:]
    groups = json.loads(Path(groups_path).read_text())
    attention = "eager" if how == "reference" else "sdpa"
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation=attention)
    model.train()
    if how == "compiled":
        model.model.compile(dynamic=True)
    run = optimizer_step(model, reference_step if how == "reference" else best_step)
    run(groups[:1] if how == "reference" else groups)
    seconds, loss = fastest(int(repeats), lambda: run(groups))
    report(seconds=seconds, loss=loss.item())


main()
