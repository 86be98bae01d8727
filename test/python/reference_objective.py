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
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, prompt: str, response: str
) -> Tensor:
    """log p of each response token, EOS included."""
    ids, prompt_length = encode(tokenizer, prompt, response)
    logits = model(torch.tensor([ids])).logits[0, :-1]
    targets = torch.tensor(ids[1:])
    return logits.log_softmax(-1).gather(-1, targets[:, None])[prompt_length - 1 :, 0]


@dataclass(frozen=True)
class Example:
    """`responses` stand best first; `ranks` are their places, equal for ties."""

    prompt: str
    original: str
    responses: list[str]
    ranks: list[int]


def paper_loss(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, examples: list[Example], margin: float
) -> Tensor:
    """Eq. 6: Eq. 4-5 over the ranked responses, and Eq. 2 on the original one; mean over instructions."""
    losses = []
    for example in examples:
        v = [token_logprobs(model, tokenizer, example.prompt, text).mean() for text in example.responses]
        rank_loss = torch.zeros((), dtype=v[0].dtype)
        for j in range(len(v)):
            for k in range(j + 1, len(v)):
                if example.ranks[j] != example.ranks[k]:
                    rank_loss = rank_loss + torch.relu(v[k] - v[j] + margin * (k - j))
        mle_loss = -token_logprobs(model, tokenizer, example.prompt, example.original).mean()
        losses.append(rank_loss + mle_loss)
    return torch.stack(losses).mean()


def lmops_loss(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, examples: list[Example], margin: float
) -> Tensor:
    """`MarginRankingLoss` for each gap between columns, plus the token mean over every candidate."""
    candidates = [[example.original, *example.responses] for example in examples]
    logprobs = [
        [token_logprobs(model, tokenizer, example.prompt, text) for text in texts]
        for example, texts in zip(examples, candidates, strict=True)
    ]
    v = torch.stack([torch.stack([tokens.mean() for tokens in row]) for row in logprobs])
    rank_loss = torch.zeros((), dtype=v.dtype)
    for gap in range(1, v.shape[1]):
        better, worse = v[:, :-gap], v[:, gap:]
        rank_loss = rank_loss + nn.MarginRankingLoss(margin * gap)(better, worse, torch.ones_like(better))
    mle_loss = -torch.cat([tokens for row in logprobs for tokens in row]).mean()
    return rank_loss + mle_loss
