"""Ranked lists for the tests, as a file and as the reference takes them."""

import json
from pathlib import Path

from reference_objective import Example

EXAMPLES = [
    ("Name an animal.", "", "The otter.", [("The other otter, in there.", 0), ("Otter", 1), ("Then?", 2)]),
    ("Add.", "1 2", "3", [("Three: 3", 0), ("The sum is 3", 1), ("12", 2)]),
    ("Say nothing.", "", "", [("", 0), ("Nothing", 1), ("The end, then: in the end nothing", 1)]),
]


def write_lines(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def write_ranked_lists(path: Path) -> Path:
    """Best response last, so that the order in the file does not matter."""
    rows = [
        {
            "id": str(i),
            "instruction": instruction,
            "input": context,
            "original": original,
            "responses": [{"text": text, "rank": rank} for text, rank in sorted(ranked, key=lambda r: -r[1])],
            "ranking": {"method": "test"},
        }
        for i, (instruction, context, original, ranked) in enumerate(EXAMPLES)
    ]
    return write_lines(path, rows)


def alpaca_prompt(instruction: str, context: str) -> str:
    if context == "":
        return (
            "Below is an instruction that describes a task. "
            "Write a response that appropriately completes the request.\n\n"
            f"### Instruction:\n{instruction}\n\n### Response:"
        )
    return (
        "Below is an instruction that describes a task, paired with an input that provides further context. "
        "Write a response that appropriately completes the request.\n\n"
        f"### Instruction:\n{instruction}\n\n### Input:\n{context}\n\n### Response:"
    )


def reference_examples() -> list[Example]:
    return [
        Example(alpaca_prompt(instruction, context), original, [t for t, _ in ranked], [r for _, r in ranked])
        for instruction, context, original, ranked in EXAMPLES
    ]
