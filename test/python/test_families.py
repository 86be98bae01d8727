"""Every model family computes what transformers computes, forwards and backwards."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, PreTrainedModel

from conftest import Run
from families import make_models
from ranked_examples import reference_examples, write_ranked_lists
from reference_objective import paper_loss
from tiny_checkpoint import make_tokenizer, save

FAMILIES = make_models()
# Not by AutoTokenizer: for some families it builds one of their own from the vocabulary.
TOKENIZER = make_tokenizer()
TEXTS = [
    "A short one.",
    "The other text is longer than the window of any layer: in there, the end is not where the start is.",
    "Then another",
]


@pytest.fixture(params=FAMILIES.values(), ids=FAMILIES.keys())
def checkpoint(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    torch.manual_seed(0)
    save(request.param, tmp_path / "model")
    return tmp_path / "model"


def load(folder: Path) -> PreTrainedModel:
    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager")
    assert isinstance(model, PreTrainedModel)
    return model.eval()


def padded_logits(model: PreTrainedModel, sequences: list[list[int]]) -> list[torch.Tensor]:
    longest = max(map(len, sequences))
    ids = torch.tensor([[*ids, *[0] * (longest - len(ids))] for ids in sequences])
    mask = torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids in sequences])
    with torch.no_grad():
        logits = model(ids, attention_mask=mask).logits
    return [row[: len(ids)] for row, ids in zip(logits, sequences, strict=True)]


def test_logits_of_a_padded_batch(checkpoint: Path, script: Run, tmp_path: Path) -> None:
    sequences = [TOKENIZER(text).input_ids for text in TEXTS]
    (tmp_path / "ids.json").write_text(json.dumps(sequences))
    script("logits.js", checkpoint, tmp_path / "ids.json", tmp_path / "logits.safetensors")
    logits = load_file(tmp_path / "logits.safetensors")
    for index, expected in enumerate(padded_logits(load(checkpoint), sequences)):
        assert (logits[str(index)] - expected).abs().max() < 1e-4


def test_loss_and_gradients(checkpoint: Path, script: Run, tmp_path: Path) -> None:
    data = write_ranked_lists(tmp_path / "ranked.jsonl")
    output = tmp_path / "gradients.safetensors"
    loss = float(script("training-gradients.js", checkpoint, data, "paper", output))
    gradients = load_file(output)
    model = load(checkpoint)
    expected = paper_loss(model, TOKENIZER, reference_examples(), 0.1)
    expected.backward()
    assert loss == pytest.approx(expected.item(), rel=1e-5)
    parameters = dict(model.named_parameters())
    assert gradients.keys() == parameters.keys()
    largest = max(parameter.grad.abs().max() for parameter in parameters.values())
    for name, parameter in parameters.items():
        # The gradient of keys' biases is rounding only where positions do not turn the keys.
        scale = max(parameter.grad.abs().max(), 1e-4 * largest)
        assert (gradients[name] - parameter.grad).abs().max() / scale < 1e-3, name


def test_greedy_generation_with_a_cache(checkpoint: Path, tuna: Run) -> None:
    model = load(checkpoint)
    count = 24
    for text in TEXTS[:2]:
        answer = tuna("generate", "--model", checkpoint, "--prompt", text, "--max-tokens", count, "--json")
        ids = TOKENIZER(text, return_tensors="pt").input_ids
        with torch.no_grad():
            expected = model.generate(ids, max_new_tokens=count, do_sample=False, eos_token_id=2)
        assert json.loads(answer)["tokenIds"] == expected[0, ids.shape[1] :].tolist()


def test_transformers_reads_what_tuna_saved(checkpoint: Path, script: Run, tmp_path: Path) -> None:
    script("resave-model.js", checkpoint, tmp_path / "resaved")
    sequences = [TOKENIZER(TEXTS[1]).input_ids]
    [original], [resaved] = (
        padded_logits(load(folder), sequences) for folder in (checkpoint, tmp_path / "resaved")
    )
    assert torch.equal(original, resaved)
