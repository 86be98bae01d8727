"""`tuna eval bertscore` gives every row what the `bert-score` package gives it."""

import json
import sys
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from transformers import AutoModel, PreTrainedTokenizerBase  # noqa: F401

from conftest import Run
from encoders import ENCODERS, LONGEST, EncoderKind, write_encoder
from ranked_examples import write_lines

# What the package draws and reads baselines with: it is installed without its dependencies.
UNUSED = ("matplotlib", "matplotlib.pyplot", "mpl_toolkits", "mpl_toolkits.axes_grid1", "pandas")
sys.modules.update({name: MagicMock() for name in UNUSED})
import bert_score  # noqa: E402

for name in UNUSED:
    del sys.modules[name]

# The package encodes an empty text by this method, which transformers 5 has no more.
PreTrainedTokenizerBase.build_inputs_with_special_tokens = lambda self, _: self("").input_ids

LAYER = 2
KINDS = {name: ENCODERS[name] for name in ("bert with a head", "roberta with a head")}
PAIRS = [
    (["The cat sat on the mat."], "A cat sat there"),
    (["the cat"], "the cat"),
    (["The dog played", "A dog was playing, then it ran", "dog"], "dogs play"),
    (["cat"], "The cat sat on the mat, and the dog played with 3 other dogs & cats."),
    (["", "cat"], "cat"),
    (["the cat", "   "], "\u2003\n"),
    (["你好、世界"], "世界 你好! 猫"),
    ([f"The {'cat ' * 60}"], "the dog " + "sat " * 50),
    (["a" * 300], "x" * 99 + " " + "y" * 101),
    (["naïve Café\u0301 \u200b ﬁ 😀 İ"], "naive cafe <s> </s> [SEP] [PAD] <pad> [MASK]"),
]


@pytest.fixture(params=KINDS.values(), ids=KINDS.keys(), scope="module")
def encoder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    kind: EncoderKind = request.param
    folder = tmp_path_factory.mktemp("encoder")
    write_encoder(folder, kind)
    assert len(kind.tokenizer(PAIRS[7][1]).input_ids) > LONGEST
    return folder


def package_scores(encoder: Path, pairs: list[tuple[list[str], str]], *, idf: bool) -> list[list[float]]:
    """One pair a batch, for the package takes the cosine of padding for 0, and a token's best may be less."""
    references, predictions = [list(column) for column in zip(*pairs, strict=True)]
    measures = bert_score.score(
        predictions,
        references,
        model_type=str(encoder),
        num_layers=LAYER,
        idf=idf,
        nthreads=0,
        batch_size=1,
        device="cpu",
    )
    return [list(row) for row in zip(*(measure.tolist() for measure in measures), strict=True)]


def own_scores(
    tuna: Run, encoder: Path, pairs: list[tuple[list[str], str]], folder: Path, *flags: object
) -> list[list[float]]:
    rows = [{"target": targets, "prediction": prediction} for targets, prediction in pairs]
    data, details = write_lines(folder / "pairs.jsonl", rows), folder / "details.jsonl"
    arguments = ("--pairs", data, "--encoder", encoder, "--layer", LAYER, "--details", details)
    tuna("eval", "bertscore", *arguments, *flags)
    scores = [json.loads(line) for line in details.read_text().splitlines()]
    return [[score[measure] for measure in ("precision", "recall", "fmeasure")] for score in scores]


@pytest.mark.parametrize("idf", [False, True], ids=["even weights", "idf"])
def test_scores_equal_the_package(encoder: Path, idf: bool, tuna: Run, tmp_path: Path) -> None:
    scores = own_scores(tuna, encoder, PAIRS, tmp_path, *(["--idf"] if idf else []))
    expected = package_scores(encoder, PAIRS, idf=idf)
    for index, (score, wanted) in enumerate(zip(scores, expected, strict=True)):
        assert score == pytest.approx(wanted, abs=1e-4), PAIRS[index]
    assert len({round(score[2], 3) for score in scores}) > 5


def test_words_of_roberta_begin_with_a_space(tuna: Run, tmp_path: Path) -> None:
    """As the package's slow tokenizer had it, also where tokenizer.json adds none, as on the hub."""
    write_encoder(tmp_path / "model", KINDS["roberta with a head"])
    expected = package_scores(tmp_path / "model", PAIRS, idf=False)
    path = tmp_path / "model" / "tokenizer.json"
    tokenizer = json.loads(path.read_text())
    tokenizer["pre_tokenizer"]["add_prefix_space"] = False
    path.write_text(json.dumps(tokenizer))
    for score, wanted in zip(own_scores(tuna, tmp_path / "model", PAIRS, tmp_path), expected, strict=True):
        assert score == pytest.approx(wanted, abs=1e-4)


def test_rescaling(encoder: Path, tuna: Run, tmp_path: Path) -> None:
    baseline = [0.3, 0.4, 0.35]
    (tmp_path / "baseline.csv").write_text(f"LAYER,P,R,F\n{LAYER},{','.join(map(str, baseline))}\n")
    scores = own_scores(tuna, encoder, PAIRS[:3], tmp_path, "--baseline-file", tmp_path / "baseline.csv")
    for score, raw in zip(scores, package_scores(encoder, PAIRS[:3], idf=False), strict=True):
        wanted = [(value - low) / (1 - low) for value, low in zip(raw, baseline, strict=True)]
        assert score == pytest.approx(wanted, abs=1e-4)
