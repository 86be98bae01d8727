"""Tiny random encoders of each family, with tokenizers of their kinds."""

import string
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertForMaskedLM,
    BertModel,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaForMaskedLM,
    XLMRobertaConfig,
    XLMRobertaModel,
)

LONGEST = 40
"""Tokens that a text may have."""
SIZES = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "initializer_range": 0.2,
}


def make_wordpiece() -> PreTrainedTokenizerFast:
    """In the manner of BERT, uncased."""
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    characters = [*string.ascii_lowercase, *string.digits, *string.punctuation, *"世界你好猫"]
    words = ["the", "cat", "sat", "on", "mat", "dog", "##ing", "##ed", "play", "run"]
    tokens = [
        *special,
        *characters,
        *(f"##{each}" for each in [*string.ascii_lowercase, *string.digits]),
        *words,
    ]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.WordPiece(vocab=vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = ends_of("[CLS]", "[SEP]", vocabulary)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_max_length=LONGEST,
    )


def make_byte_level() -> PreTrainedTokenizerFast:
    """In the manner of RoBERTa, whose words begin with the space before them."""
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = [
        ("t", "h"),
        ("th", "e"),
        ("Ġ", "the"),
        ("Ġ", "c"),
        ("a", "t"),
        ("Ġc", "at"),
        ("Ġ", "a"),
        ("i", "n"),
    ]
    tokens = [*special, *alphabet, *(left + right for left, right in merges)]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = ends_of("<s>", "</s>", vocabulary)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="<unk>",
        pad_token="<pad>",
        cls_token="<s>",
        sep_token="</s>",
        mask_token="<mask>",
        model_max_length=LONGEST,
    )


def ends_of(first: str, last: str, vocabulary: dict[str, int]) -> processors.TemplateProcessing:
    return processors.TemplateProcessing(
        single=f"{first} $A {last}",
        pair=f"{first} $A {last} $B {last}",
        special_tokens=[(token, vocabulary[token]) for token in (first, last)],
    )


@dataclass(frozen=True)
class EncoderKind:
    model: type[PreTrainedModel]
    config: type[PreTrainedConfig]
    tokenizer: PreTrainedTokenizerFast
    settings: dict[str, object]


BERT = {"max_position_embeddings": LONGEST, "type_vocab_size": 2, "pad_token_id": 0}
ROBERTA = {"max_position_embeddings": LONGEST + 2, "type_vocab_size": 1, "pad_token_id": 1}
ENCODERS = {
    "bert with a head": EncoderKind(BertForMaskedLM, BertConfig, make_wordpiece(), BERT),
    "bert, gelu_new": EncoderKind(
        BertModel, BertConfig, make_wordpiece(), {**BERT, "hidden_act": "gelu_new"}
    ),
    "roberta with a head": EncoderKind(RobertaForMaskedLM, RobertaConfig, make_byte_level(), ROBERTA),
    "xlm-roberta": EncoderKind(XLMRobertaModel, XLMRobertaConfig, make_byte_level(), ROBERTA),
}


def write_encoder(folder: Path, kind: EncoderKind) -> None:
    """With norms and biases that are not at their initial ones and zeros."""
    torch.manual_seed(0)
    model = kind.model(kind.config(**SIZES, **kind.settings, vocab_size=len(kind.tokenizer)))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() == 1:
                parameter.copy_(torch.empty_like(parameter).uniform_(-0.5, 0.5) + ("bias" not in name))
    model.save_pretrained(folder)
    kind.tokenizer.save_pretrained(folder)
