"""Adapters go both ways between Tuna and PEFT, and train alike."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, PreTrainedModel, get_cosine_schedule_with_warmup

from conftest import Run
from families import gpt2, llama_with, qwen2
from ranked_examples import EXAMPLES, reference_examples, write_ranked_lists
from reference_objective import paper_loss, token_logprobs
from tiny_checkpoint import make_tokenizer, save

TOKENIZER = make_tokenizer()
# The model, and the layers that are adapted; None adapts every linear layer.
CASES: dict[str, tuple[Callable[[], PreTrainedModel], list[str] | None]] = {
    "llama": (llama_with, ["q_proj", "v_proj"]),
    "qwen2, every layer": (qwen2, None),
    "gpt2": (gpt2, ["c_attn", "c_proj"]),
}
ROWS = [("The answer is", " in the other letter"), ("Say it:", "Then another")]


@pytest.fixture(params=CASES.values(), ids=CASES.keys())
def case(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, list[str] | None]:
    torch.manual_seed(0)
    make, targets = request.param
    save(make(), tmp_path / "model")
    return tmp_path / "model", targets


def load(folder: Path) -> PreTrainedModel:
    return AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager").eval()


def score(tuna: Run, model: Path, folder: Path) -> list[float]:
    rows = [{"id": i, "prompt": prompt, "response": text} for i, (prompt, text) in enumerate(ROWS)]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    tuna("score", "--model", model, "--data", folder / "rows.jsonl", "--out", folder / "scored.jsonl")
    return [json.loads(line)["logprob"] for line in (folder / "scored.jsonl").read_text().splitlines()]


def expected_scores(model: torch.nn.Module) -> list[float]:
    with torch.no_grad():
        return [tokens.sum().item() for tokens in token_logprobs(model, TOKENIZER, ROWS)]


def test_tuna_computes_with_an_adapter_of_peft(
    case: tuple[Path, list[str] | None], tuna: Run, tmp_path: Path
) -> None:
    folder, targets = case
    settings = LoraConfig(r=4, lora_alpha=6, target_modules=targets or "all-linear", init_lora_weights=False)
    model = get_peft_model(load(folder), settings)
    model.save_pretrained(tmp_path / "adapter")
    assert score(tuna, folder, tmp_path) != pytest.approx(expected_scores(model), abs=1e-2)
    assert score(tuna, tmp_path / "adapter", tmp_path) == pytest.approx(expected_scores(model), abs=1e-4)


def test_training_run_equals_peft(case: tuple[Path, list[str] | None], tuna: Run, tmp_path: Path) -> None:
    """From the same start, four steps of both; then the adapter and the merged model as others load them."""
    folder, targets = case
    steps, peak, out = 4, 1e-2, tmp_path / "run"
    data = write_ranked_lists(tmp_path / "ranked.jsonl")
    lora = ["--lora-rank", 4, "--lora-alpha", 6, *(["--lora-targets", *targets] if targets else [])]
    common = ("train", "--model", folder, "--data", data, "--batch-size", len(EXAMPLES), *lora)
    # A learning rate of next to nothing leaves the start as it is.
    tuna(*common, "--epochs", 1, "--lr", 1e-30, "--warmup-steps", 0, "--out", tmp_path / "start")
    tuna(*common, "--epochs", steps, "--lr", peak, "--out", out)

    model = PeftModel.from_pretrained(load(folder), tmp_path / "start" / "adapter", is_trainable=True)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=peak, weight_decay=0)
    schedule = get_cosine_schedule_with_warmup(optimizer, num_warmup_steps=2, num_training_steps=steps)
    losses = []
    for _ in range(steps):
        loss = paper_loss(model, TOKENIZER, reference_examples(), 0.1)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        schedule.step()

    events = [json.loads(line) for line in (out / "events.jsonl").read_text().splitlines()]
    assert [row["loss"] for row in events if row["event"] == "step"] == pytest.approx(losses, rel=1e-4)
    ours = PeftModel.from_pretrained(load(folder), out / "adapter")
    expected = expected_scores(model)
    assert expected_scores(ours) == pytest.approx(expected, abs=1e-3)
    assert expected_scores(load(out)) == pytest.approx(expected, abs=1e-3)
    assert score(tuna, out, tmp_path) == pytest.approx(expected, abs=1e-3)
