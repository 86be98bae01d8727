"""Small random Llama checkpoints, written by transformers."""

import string
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, processors
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedModel, PreTrainedTokenizerFast

SPECIAL_TOKENS = ["<unk>", "<s>", "</s>"]
# The first joins the end of an Alpaca prompt ("### Response:") with the start of a response.
MERGES = [(":", "T"), ("t", "h"), ("th", "e"), ("▁", "the"), ("i", "n"), ("e", "r"), ("▁", "a"), ("#", "#")]


@dataclass(frozen=True)
class Variant:
    tied: bool = True
    heads: int = 4
    kv_heads: int = 2
    head_dim: int | None = None
    dtype: torch.dtype = torch.float32
    max_shard_size: str = "1GB"


def make_tokenizer() -> PreTrainedTokenizerFast:
    """In the manner of Llama: BPE over whole texts, so that tokens may join across any boundary."""
    characters = [*string.ascii_letters, *string.digits, *string.punctuation, "▁", "\n"]
    tokens = [*SPECIAL_TOKENS, *characters, *(left + right for left, right in MERGES)]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=MERGES, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.Fuse()])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", vocabulary["<s>"])]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>"
    )


def save(model: PreTrainedModel, folder: Path, **options: object) -> None:
    """With norms and biases that are not at their initial ones and zeros."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() == 1:
                parameter.copy_(torch.empty_like(parameter).uniform_(-0.5, 0.5) + ("bias" not in name))
    model.save_pretrained(folder, **options)
    make_tokenizer().save_pretrained(folder)


def write_checkpoint(folder: Path, variant: Variant) -> None:
    tokenizer = make_tokenizer()
    config = LlamaConfig(
        vocab_size=len(tokenizer) + 3,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=variant.heads,
        num_key_value_heads=variant.kv_heads,
        head_dim=variant.head_dim,
        max_position_embeddings=512,
        rope_parameters={"rope_type": "default", "rope_theta": 5000.0},
        initializer_range=0.2,
        tie_word_embeddings=variant.tied,
        bos_token_id=1,
        eos_token_id=2,
    )
    save(LlamaForCausalLM(config).to(variant.dtype), folder, max_shard_size=variant.max_shard_size)
