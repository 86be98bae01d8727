"""Runs Tuna's command and the scripts beside this file: compiled, in processes of their own."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

REPOSITORY = Path(__file__).parents[2]
SHARED = REPOSITORY.parent / "shared" / "data"

Run = Callable[..., str]

os.environ["HF_HUB_OFFLINE"] = "1"
torch.manual_seed(0)
torch.set_num_threads(2)


def run_node(script: Path, *arguments: object) -> str:
    result = subprocess.run(
        ["node", script, *map(str, arguments)], capture_output=True, text=True, cwd=REPOSITORY, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="session")
def tuna() -> Run:
    """`tuna("score", "--model", ...)`; returns stdout. The first call compiles what is stale in `dist/`."""
    return lambda *arguments: run_node(REPOSITORY / "bin" / "tuna.js", *arguments)


@pytest.fixture(scope="session")
def script(tuna: Run) -> Run:
    """`script("resave-model.js", ...)` runs a script of this folder, which imports from `dist/`."""
    tuna("--version")
    return lambda name, *arguments: run_node(Path(__file__).parent / name, *arguments)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real weights and golden values that lie beside a checkout, where they do."""
    if not SHARED.exists():
        pytest.skip("needs ../shared/data beside the repository")
    return SHARED
