"""A tiny random checkpoint of each model family, with the settings that make the family what it is."""

from transformers import (
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    OPTConfig,
    OPTForCausalLM,
    PreTrainedModel,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
    SmolLM3Config,
    SmolLM3ForCausalLM,
    StableLmConfig,
    StableLmForCausalLM,
)

from tiny_checkpoint import make_tokenizer

SIZES = {
    "vocab_size": len(make_tokenizer()) + 3,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
    "initializer_range": 0.2,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": None,
}
# Shorter than the prompts of the tests.
WINDOW = 24
LLAMA3_ROPE = {
    "rope_type": "llama3",
    "rope_theta": 5000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}


def llama_with(**settings: object) -> LlamaForCausalLM:
    return LlamaForCausalLM(LlamaConfig(**{**SIZES, **settings}))


def smollm3() -> SmolLM3ForCausalLM:
    return SmolLM3ForCausalLM(SmolLM3Config(**SIZES, tie_word_embeddings=True))


def mistral() -> MistralForCausalLM:
    return MistralForCausalLM(MistralConfig(**SIZES, head_dim=12, sliding_window=WINDOW))


def qwen2() -> Qwen2ForCausalLM:
    window = {"use_sliding_window": True, "sliding_window": WINDOW, "max_window_layers": 2}
    return Qwen2ForCausalLM(Qwen2Config(**SIZES, **window))


def qwen3() -> Qwen3ForCausalLM:
    return Qwen3ForCausalLM(Qwen3Config(**SIZES, head_dim=12, tie_word_embeddings=True))


def stablelm_with(**settings: object) -> StableLmForCausalLM:
    return StableLmForCausalLM(StableLmConfig(**SIZES, **settings))


def gemma3() -> Gemma3ForCausalLM:
    settings = {"head_dim": 12, "sliding_window": WINDOW, "query_pre_attn_scalar": 10}
    layers = ["sliding_attention", "full_attention"] * 2
    return Gemma3ForCausalLM(Gemma3TextConfig(**SIZES, **settings, layer_types=layers))


def gpt2() -> GPT2LMHeadModel:
    sizes = {"n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 512, "n_inner": 48}
    shared = {
        name: SIZES[name] for name in ("vocab_size", "initializer_range", "bos_token_id", "eos_token_id")
    }
    return GPT2LMHeadModel(GPT2Config(**sizes, **shared))


def opt() -> OPTForCausalLM:
    names = (
        "vocab_size",
        "hidden_size",
        "num_hidden_layers",
        "num_attention_heads",
        "max_position_embeddings",
    )
    shared = {name: SIZES[name] for name in (*names, "bos_token_id", "eos_token_id", "pad_token_id")}
    return OPTForCausalLM(OPTConfig(**shared, ffn_dim=48, word_embed_proj_dim=32, init_std=0.2))


def make_models() -> dict[str, PreTrainedModel]:
    """In inference mode: without dropout."""
    models = {
        "llama with biases": llama_with(attention_bias=True, mlp_bias=True),
        "llama 3": llama_with(rope_parameters=LLAMA3_ROPE),
        "llama, linear scaling": llama_with(
            rope_parameters={"rope_type": "linear", "rope_theta": 5000.0, "factor": 4.0}
        ),
        "smollm3": smollm3(),
        "mistral": mistral(),
        "qwen2": qwen2(),
        "qwen3": qwen3(),
        "stablelm": stablelm_with(),
        "stablelm, parallel": stablelm_with(use_parallel_residual=True, use_qkv_bias=True),
        "gemma3": gemma3(),
        "gpt2": gpt2(),
        "opt": opt(),
    }
    return {name: model.eval() for name, model in models.items()}
