"""Tuna and transformers read each other's folders, and compute the same numbers from them."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    get_cosine_schedule_with_warmup,
)

from conftest import Run
from ranked_examples import EXAMPLES, reference_examples, write_lines, write_ranked_lists
from reference_objective import encode, lmops_loss, paper_loss, token_logprobs
from tiny_checkpoint import Variant, write_checkpoint

VARIANTS = {
    "tied": Variant(),
    "untied": Variant(tied=False),
    "as many key heads as query heads": Variant(kv_heads=4),
    "one key head": Variant(kv_heads=1),
    "a head size of its own": Variant(head_dim=12),
    "float16": Variant(dtype=torch.float16, tied=False),
    "bfloat16": Variant(dtype=torch.bfloat16),
    "shards": Variant(tied=False, max_shard_size="10KB"),
    "bfloat16 shards": Variant(dtype=torch.bfloat16, max_shard_size="5KB"),
}

ROWS = [
    ("The answer is", " in the other letter"),
    ("Say it:", "The other thing. Then another"),
    ("Say it:", "the other thing"),
    ("Say it:", ""),
    ("List three:\n", "a\nb\n\nc"),
    ("", "No prompt at all"),
    ("Unknown: ", "é ∑ and 123"),
]


def load(folder: Path, dtype: torch.dtype = torch.float32) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Whatever the folder stores, computed in `dtype`."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype)
    assert isinstance(model, LlamaForCausalLM)
    return model.eval(), AutoTokenizer.from_pretrained(folder)


def read_lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def score(tuna: Run, model: Path, rows: list[tuple[str, str]], folder: Path) -> list[dict[str, object]]:
    written = [{"id": i, "prompt": prompt, "response": text} for i, (prompt, text) in enumerate(rows)]
    data = write_lines(folder / "rows.jsonl", written)
    tuna("score", "--model", model, "--data", data, "--out", folder / "scored.jsonl")
    return read_lines(folder / "scored.jsonl")


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS.keys())
def test_scores_of_checkpoints_that_transformers_wrote(variant: Variant, tuna: Run, tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "model", variant)
    is_sharded = (tmp_path / "model" / "model.safetensors.index.json").exists()
    assert is_sharded == (variant.max_shard_size != Variant.max_shard_size)
    model, tokenizer = load(tmp_path / "model")
    scored = score(tuna, tmp_path / "model", ROWS, tmp_path)
    with torch.no_grad():
        expected = token_logprobs(model, tokenizer, ROWS)
    assert [row["numTokens"] for row in scored] == [len(each) for each in expected]
    worst = max(abs(row["logprob"] - each.sum().item()) for row, each in zip(scored, expected, strict=True))
    assert worst < 1e-4


def test_rows_hold_a_token_that_joins_prompt_and_response(tmp_path: Path) -> None:
    """Otherwise the test above would not see how such tokens are counted."""
    write_checkpoint(tmp_path, Variant())
    _, tokenizer = load(tmp_path)
    joined = [encode(tokenizer, *row)[0][: encode(tokenizer, row[0], "")[1]] for row in ROWS]
    alone = [tokenizer(prompt).input_ids for prompt, _ in ROWS]
    assert [i for i in range(len(ROWS)) if joined[i] != alone[i]] == [1]


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS.keys())
def test_transformers_reads_what_tuna_saved(variant: Variant, script: Run, tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "original", variant)
    script("resave-model.js", tmp_path / "original", tmp_path / "resaved")
    original, tokenizer = load(tmp_path / "original")
    resaved, tokenizer_again = load(tmp_path / "resaved")
    text = "".join(prompt + response for prompt, response in ROWS)
    assert tokenizer_again(text).input_ids == tokenizer(text).input_ids
    ids = torch.tensor([tokenizer(text).input_ids])
    with torch.no_grad():
        assert torch.equal(resaved(ids).logits, original(ids).logits)
    assert resaved.config.eos_token_id == original.config.eos_token_id


def test_real_weights_through_tuna_and_transformers(shared: Path, script: Run, tmp_path: Path) -> None:
    script("resave-model.js", shared / "stories260K", tmp_path)
    model, tokenizer = load(tmp_path)
    golden = json.loads((shared / "llama2c" / "golden_logits.json").read_text())
    assert tokenizer(golden["text"]).input_ids == golden["ids"]
    with torch.no_grad():
        logits = model(torch.tensor([golden["ids"]])).logits[0]
    assert (logits - torch.tensor(golden["f64"])).abs().max() < 1e-4


LOSSES = {"paper": paper_loss, "lmops": lmops_loss}


@pytest.mark.parametrize("preset", LOSSES)
@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
def test_loss_and_gradients_equal_autograd(preset: str, tied: bool, script: Run, tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "model", Variant(tied=tied))
    data = write_ranked_lists(tmp_path / "ranked.jsonl")
    output = tmp_path / "gradients.safetensors"
    loss = float(script("training-gradients.js", tmp_path / "model", data, preset, output))
    gradients = load_file(output)

    model, tokenizer = load(tmp_path / "model", torch.float64)
    expected = LOSSES[preset](model, tokenizer, reference_examples(), 0.1)
    expected.backward()
    assert loss == pytest.approx(expected.item(), rel=1e-5)
    parameters = dict(model.named_parameters())
    assert gradients.keys() == parameters.keys()
    for name, parameter in parameters.items():
        assert parameter.grad is not None
        error = (gradients[name] - parameter.grad).abs().max() / parameter.grad.abs().max()
        assert error < 1e-4, name


@pytest.mark.parametrize("preset", LOSSES)
def test_training_run_equals_torch(preset: str, tuna: Run, tmp_path: Path) -> None:
    """Four steps of `tuna train`: loss, clipping, warm-up, cosine and AdamW together."""
    steps, peak = 4, 1e-3
    write_checkpoint(tmp_path / "model", Variant(tied=False))
    data = write_ranked_lists(tmp_path / "ranked.jsonl")
    settings = ("--lr", peak, "--epochs", steps, "--batch-size", len(EXAMPLES), "--weight-decay", 0.1)
    arguments = ("--model", tmp_path / "model", "--data", data, "--out", tmp_path / "run", "--preset", preset)
    tuna("train", *arguments, *settings)

    model, tokenizer = load(tmp_path / "model")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    optimizer = torch.optim.AdamW(model.parameters(), lr=peak, betas=(0.9, 0.999), weight_decay=0.1)
    schedule = get_cosine_schedule_with_warmup(optimizer, num_warmup_steps=2, num_training_steps=steps)
    losses = []
    for _ in range(steps):
        loss = LOSSES[preset](model, tokenizer, reference_examples(), 0.1)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()

    events = read_lines(tmp_path / "run" / "events.jsonl")
    assert [row["loss"] for row in events if row["event"] == "step"] == pytest.approx(losses, rel=1e-4)
    trained, _ = load(tmp_path / "run")
    for name, value in trained.state_dict().items():
        moved = (model.state_dict()[name] - before[name]).norm()
        assert moved > 0, name
        assert (value - model.state_dict()[name]).norm() / moved < 1e-3, name
