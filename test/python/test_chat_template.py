"""`--template chat` gives models what `apply_chat_template` of transformers gives them."""

import json
from pathlib import Path

import pytest
from transformers import AutoTokenizer

from chat_models import CHAT_MODELS, ChatModel, write_chat_model
from conftest import Run

ROWS = [
    {"instruction": "Name the three largest cities."},
    {"instruction": "Translate.", "input": "the end"},
    {"instruction": "  Spaces before, and two lines behind\n\n", "input": ""},
    {
        "instruction": "In {{ braces }} and {% tags %} & <b>\"quotes\"</b> 'too'",
        "input": "naïve — 東京 🎉\ttab",
    },
    {"instruction": "Say <|im_end|> or </s> or <end_of_turn> or <bos>.", "input": "[INST] <s>"},
    {"instruction": ""},
]
ANSWER = "The answer."


def message(row: dict[str, str]) -> str:
    """As docs/objective.md has it."""
    given = row.get("input", "")
    return row["instruction"] if given == "" else f"{row['instruction']}\n\n{given}"


@pytest.mark.parametrize("chat", CHAT_MODELS.values(), ids=CHAT_MODELS.keys())
def test_ids_equal_those_of_transformers(chat: ChatModel, script: Run, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    write_chat_model(folder, chat)
    assert (folder / "chat_template.jinja").exists() != chat.in_config
    (tmp_path / "rows.json").write_text(json.dumps(ROWS))
    result = json.loads(script("chat-ids.js", folder, tmp_path / "rows.json"))

    tokenizer = AutoTokenizer.from_pretrained(folder)
    for row, ids in zip(ROWS, result["prompts"], strict=True):
        conversation = [{"role": "user", "content": message(row)}]
        expected = tokenizer.apply_chat_template(conversation, add_generation_prompt=True, return_dict=False)
        assert ids == expected, row
        if chat.bos is not None and "<bos>" not in row["instruction"] and "<s>" not in row.get("input", ""):
            assert ids.count(tokenizer.bos_token_id) == 1


@pytest.mark.parametrize("chat", CHAT_MODELS.values(), ids=CHAT_MODELS.keys())
def test_training_appends_what_the_template_ends_an_answer_with(
    chat: ChatModel, script: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    write_chat_model(folder, chat)
    (tmp_path / "rows.json").write_text(json.dumps(ROWS[:1]))
    result = json.loads(script("chat-ids.js", folder, tmp_path / "rows.json"))

    tokenizer = AutoTokenizer.from_pretrained(folder)
    conversation = [{"role": "user", "content": message(ROWS[0])}, {"role": "assistant", "content": ANSWER}]
    whole = tokenizer.apply_chat_template(conversation, return_dict=False)
    answer = tokenizer(ANSWER, add_special_tokens=False).input_ids
    start = max(i for i in range(len(whole)) if whole[i : i + len(answer)] == answer)
    assert whole[start + len(answer)] == result["eosIds"][0] == tokenizer.convert_tokens_to_ids(chat.end)
    assert tokenizer.eos_token_id in result["eosIds"]
    assert [note for note in result["notes"] if "today" not in note] == []
