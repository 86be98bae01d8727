/** Causal language models as graphs, and as Hugging Face folders. */
export { type ModelConfig, parseConfig } from "./config.ts";
export { type Model, countParameters, initializeModel, loadModel, saveModel } from "./folder.ts";
export { frozenParameters } from "./freeze.ts";
export {
  type Attend,
  declareParameters,
  finalNorm,
  hiddenStates,
  outputWeight,
  parameterShapes,
} from "./llama.ts";
export { maxChunkRows, packedLogprobs } from "./packed-logprobs.ts";
export { type TensorData, readSafetensors, writeSafetensors } from "./safetensors.ts";
export { TEMPLATES, type TemplateName, promptOf } from "./template.ts";
export { type Tokenizer, type TokenizerFiles, createTokenizer } from "./tokenizer.ts";
