"""Every encoder family has the hidden states that transformers has, behind every layer."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModel

from conftest import Run
from encoders import ENCODERS, EncoderKind, write_encoder

TEXTS = ["The cat sat on the mat.", "cat", "A dog played, 你好 and then it ran as far as the others", ""]


@pytest.mark.parametrize("kind", ENCODERS.values(), ids=ENCODERS.keys())
def test_hidden_states_of_a_padded_batch(kind: EncoderKind, script: Run, tmp_path: Path) -> None:
    write_encoder(tmp_path / "model", kind)
    sequences = [kind.tokenizer(text, truncation=True).input_ids for text in TEXTS]
    # A text may spell the padding token; RoBERTa gives it a position of its own.
    sequences.append([sequences[0][0], 7, kind.tokenizer.pad_token_id, 8, sequences[0][-1]])
    (tmp_path / "ids.json").write_text(json.dumps(sequences))
    script("encoder-states.js", tmp_path / "model", tmp_path / "ids.json", tmp_path / "states.safetensors")
    states = load_file(tmp_path / "states.safetensors")

    model = AutoModel.from_pretrained(tmp_path / "model").eval()
    longest = max(map(len, sequences))
    pad = kind.tokenizer.pad_token_id
    ids = torch.tensor([[*each, *[pad] * (longest - len(each))] for each in sequences])
    mask = torch.tensor([[1] * len(each) + [0] * (longest - len(each)) for each in sequences])
    with torch.no_grad():
        layers = model(ids, attention_mask=mask, output_hidden_states=True).hidden_states
    assert len(states) == len(layers) * len(sequences)
    for layer, expected in enumerate(layers):
        for index, each in enumerate(sequences):
            difference = states[f"{index}.{layer}"] - expected[index, : len(each)]
            assert difference.abs().max() < 1e-4, (layer, index)
