"""Tiny models with chat templates of the shapes that models on the hub have."""

from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

# Qwen 2: a system message of its own where the conversation has none, no BOS.
# Llama 3.2: BOS, a date, trimmed contents, variables that a caller may set.
# Mistral 7B: BOS, turns that must alternate, EOS behind an answer.
# Gemma: BOS, no system message, its own word for the assistant, an end that is not EOS.
# SmolLM 3: a system message with a date, branches for tools and reasoning, a macro, marked answers.
TEMPLATES = Path(__file__).parent / "chat_templates"


@dataclass(frozen=True)
class ChatModel:
    template: str
    """The name of a file in `chat_templates/`."""
    eos: str
    special: tuple[str, ...]
    end: str
    """What the template writes behind an answer."""
    bos: str | None = None
    in_config: bool = False
    """Whether the template stands in tokenizer_config.json, as older models have it."""


CHATML_TOKENS = ("<|im_start|>", "<|im_end|>", "<|endoftext|>")
LLAMA3_TOKENS = (
    "<|begin_of_text|>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<|eot_id|>",
    "<|end_of_text|>",
)

CHAT_MODELS = {
    "Qwen 2": ChatModel("qwen2", eos="<|im_end|>", special=CHATML_TOKENS, end="<|im_end|>"),
    "Qwen 2 in tokenizer_config.json": ChatModel(
        "qwen2", eos="<|im_end|>", special=CHATML_TOKENS, end="<|im_end|>", in_config=True
    ),
    "Llama 3": ChatModel(
        "llama3", bos="<|begin_of_text|>", eos="<|end_of_text|>", special=LLAMA3_TOKENS, end="<|eot_id|>"
    ),
    "Mistral": ChatModel(
        "mistral", bos="<s>", eos="</s>", special=("<s>", "</s>", "[INST]", "[/INST]"), end="</s>"
    ),
    "Gemma": ChatModel(
        "gemma",
        bos="<bos>",
        eos="<eos>",
        special=("<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>"),
        end="<end_of_turn>",
        in_config=True,
    ),
    "SmolLM 3": ChatModel(
        "smollm3", eos="<|im_end|>", special=(*CHATML_TOKENS, "<think>", "</think>"), end="<|im_end|>"
    ),
}


def make_tokenizer(chat: ChatModel) -> PreTrainedTokenizerFast:
    """Bytes, a few merges across what templates write, and BOS by the post-processor where there is one."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = [("Ċ", "Ċ"), ("t", "h"), ("th", "e"), ("Ġ", "the"), ("i", "n"), ("s", "e"), ("Ġ", "a")]
    tokens = [*chat.special, *alphabet, *(left + right for left, right in merges)]
    tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=merges))
    tokenizer.add_special_tokens(list(chat.special))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    if chat.bos is not None:
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{chat.bos} $A", special_tokens=[(chat.bos, tokenizer.token_to_id(chat.bos))]
        )
    template = (TEMPLATES / f"{chat.template}.jinja").read_text()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=chat.bos, eos_token=chat.eos, chat_template=template
    )


def write_chat_model(folder: Path, chat: ChatModel) -> None:
    tokenizer = make_tokenizer(chat)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=tokenizer.bos_token_id,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder, save_jinja_files=not chat.in_config)
