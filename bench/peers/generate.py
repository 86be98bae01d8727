"""`generate.py MODEL PROMPTS.json TOKENS`: four samples for each prompt, temperature 1, timed.

With `transformers`, in one padded batch as large as ours; the end token is suppressed, so that every response
gets its full length.
"""

import json
import sys
from pathlib import Path

import torch
from torch import Tensor
from transformers import AutoModelForCausalLM

from report import fastest, report

SAMPLES = 4


def padded_left(prompts: list[list[int]]) -> tuple[Tensor, Tensor]:
    longest = max(map(len, prompts))
    rows = [([0] * (longest - len(prompt)), prompt) for prompt in prompts]
    ids = torch.tensor([[*padding, *prompt] for padding, prompt in rows])
    mask = torch.tensor([[0] * len(padding) + [1] * len(prompt) for padding, prompt in rows])
    return ids, mask


def main() -> None:
    folder, prompts_path, num_tokens = sys.argv[1:]
    prompts = json.loads(Path(prompts_path).read_text())
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    full = {"do_sample": True, "temperature": 1.0, "top_k": 0, "top_p": 1.0, "num_return_sequences": SAMPLES}

    def generate(some: list[list[int]], tokens: int) -> Tensor:
        ids, mask = padded_left(some)
        length = {"max_new_tokens": tokens, "min_new_tokens": tokens}
        output = model.generate(ids, attention_mask=mask, pad_token_id=0, **length, **full)
        return output[:, ids.shape[1] :]

    with torch.inference_mode():
        generate(prompts[:2], 4)
        seconds, output = fastest(1, lambda: generate(prompts, int(num_tokens)))
    report(seconds=seconds, tokens=output.numel())


main()
