"""The Tuna objective on transformers and autograd, as the paper has it and as the authors' trainer has it."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase


def encode(tokenizer: PreTrainedTokenizerBase, prompt: str, response: str) -> tuple[list[int], int]:
    """Ids of prompt, response and EOS, tokenised jointly; and how many of them the prompt has on its own."""
    ids = [*tokenizer(prompt + response).input_ids, tokenizer.eos_token_id]
    return ids, len(tokenizer(prompt).input_ids)


def token_logprobs(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, pairs: list[tuple[str, str]]
) -> list[Tensor]:
    """log p of each response token, EOS included, in one batch that is padded on the right."""
    encoded = [encode(tokenizer, *pair) for pair in pairs]
    longest = max(len(ids) for ids, _ in encoded)
    ids = torch.tensor([[*ids, *[0] * (longest - len(ids))] for ids, _ in encoded])
    mask = torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids, _ in encoded])
    logprobs = model(ids, attention_mask=mask).logits[:, :-1].log_softmax(-1)
    chosen = logprobs.gather(-1, ids[:, 1:, None])[..., 0]
    return [row[start - 1 : len(each) - 1] for row, (each, start) in zip(chosen, encoded, strict=True)]


@dataclass(frozen=True)
class Example:
    """`responses` stand best first; `ranks` are their places, equal for ties."""

    prompt: str
    original: str
    responses: list[str]
    ranks: list[int]


def logprobs_of(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, examples: list[Example]
) -> list[list[Tensor]]:
    """For each example: token log-probabilities of the original, then of the responses."""
    texts = [[example.original, *example.responses] for example in examples]
    pairs = [(example.prompt, text) for example, row in zip(examples, texts, strict=True) for text in row]
    flat = iter(token_logprobs(model, tokenizer, pairs))
    return [[next(flat) for _ in row] for row in texts]


def paper_loss(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, examples: list[Example], margin: float
) -> Tensor:
    """Eq. 6: Eq. 4-5 over the ranked responses, and Eq. 2 on the original one; mean over instructions."""
    losses = []
    for example, logprobs in zip(examples, logprobs_of(model, tokenizer, examples), strict=True):
        original, *v = [tokens.mean() for tokens in logprobs]
        rank_loss = torch.zeros((), dtype=v[0].dtype)
        for j in range(len(v)):
            for k in range(j + 1, len(v)):
                if example.ranks[j] != example.ranks[k]:
                    rank_loss = rank_loss + torch.relu(v[k] - v[j] + margin * (k - j))
        losses.append(rank_loss - original)
    return torch.stack(losses).mean()


def lmops_loss(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, examples: list[Example], margin: float
) -> Tensor:
    """`MarginRankingLoss` for each gap between columns, plus the token mean over every candidate."""
    logprobs = logprobs_of(model, tokenizer, examples)
    v = torch.stack([torch.stack([tokens.mean() for tokens in row]) for row in logprobs])
    rank_loss = torch.zeros((), dtype=v.dtype)
    for gap in range(1, v.shape[1]):
        better, worse = v[:, :-gap], v[:, gap:]
        rank_loss = rank_loss + nn.MarginRankingLoss(margin * gap)(better, worse, torch.ones_like(better))
    mle_loss = -torch.cat([tokens for row in logprobs for tokens in row]).mean()
    return rank_loss + mle_loss
