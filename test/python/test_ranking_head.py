"""A ranking model is a sequence classifier of one label in transformers, both ways, with equal scores."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForSequenceClassification, PreTrainedModel

from conftest import Run
from families import gpt2, llama_with, opt, qwen3, stablelm_with
from ranked_examples import EXAMPLES, alpaca_prompt, write_ranked_lists
from tiny_checkpoint import make_tokenizer, save

TOKENIZER = make_tokenizer()
FAMILIES = [llama_with, qwen3, stablelm_with, gpt2, opt]


@pytest.fixture(params=FAMILIES, ids=lambda make: make.__name__)
def base(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    torch.manual_seed(0)
    make: Callable[[], PreTrainedModel] = request.param
    save(make(), tmp_path / "base")
    return tmp_path / "base"


def classifier(folder: Path, **options: object) -> PreTrainedModel:
    return AutoModelForSequenceClassification.from_pretrained(
        folder, attn_implementation="eager", **options
    ).eval()


def expected_scores(model: PreTrainedModel) -> list[float]:
    scores = []
    for instruction, context, _, ranked in EXAMPLES:
        for text, _ in sorted(ranked, key=lambda response: -response[1]):
            ids = TOKENIZER(alpaca_prompt(instruction, context) + text).input_ids
            with torch.no_grad():
                scores.append(model(torch.tensor([[*ids, TOKENIZER.eos_token_id]])).logits.item())
    return scores


def tuna_scores(tuna: Run, model: Path, folder: Path) -> list[float]:
    data = write_ranked_lists(folder / "lists.jsonl")
    tuna("rank", "proxy", "--data", data, "--model", model, "--out", folder / "ranked.jsonl")
    lists = [json.loads(line) for line in (folder / "ranked.jsonl").read_text().splitlines()]
    return [response["score"] for each in lists for response in each["responses"]]


def test_tuna_scores_as_a_classifier_of_transformers(base: Path, tuna: Run, tmp_path: Path) -> None:
    model = classifier(base, num_labels=1)
    model.save_pretrained(tmp_path / "classifier")
    TOKENIZER.save_pretrained(tmp_path / "classifier")
    assert tuna_scores(tuna, tmp_path / "classifier", tmp_path) == pytest.approx(
        expected_scores(model), abs=1e-4
    )


def test_transformers_loads_what_tuna_trains(base: Path, tuna: Run, tmp_path: Path) -> None:
    data = write_ranked_lists(tmp_path / "lists.jsonl")
    tuna("train-proxy", "--model", base, "--data", data, "--out", tmp_path / "prm", "--warmup-steps", 0)
    model = classifier(tmp_path / "prm")
    assert model.config.num_labels == 1
    assert tuna_scores(tuna, tmp_path / "prm", tmp_path) == pytest.approx(expected_scores(model), abs=1e-4)


def test_an_adapter_of_a_ranking_model_goes_both_ways(base: Path, tuna: Run, tmp_path: Path) -> None:
    data = write_ranked_lists(tmp_path / "lists.jsonl")
    lora = ("--lora-rank", 4, "--lora-alpha", 6, "--lr", 1e-2, "--warmup-steps", 0)
    tuna("train-proxy", "--model", base, "--data", data, "--out", tmp_path / "prm", *lora)
    model = PeftModel.from_pretrained(classifier(base, num_labels=1), tmp_path / "prm" / "adapter").eval()
    for folder in (tmp_path / "prm", tmp_path / "prm" / "adapter"):
        assert tuna_scores(tuna, folder, tmp_path) == pytest.approx(expected_scores(model), abs=1e-4)
        (tmp_path / "ranked.jsonl").unlink()

    settings = LoraConfig(
        task_type="SEQ_CLS", r=4, lora_alpha=6, target_modules="all-linear", init_lora_weights=False
    )
    other = get_peft_model(classifier(base, num_labels=1), settings).eval()
    other.save_pretrained(tmp_path / "adapter")
    assert tuna_scores(tuna, tmp_path / "adapter", tmp_path) == pytest.approx(
        expected_scores(other), abs=1e-4
    )
