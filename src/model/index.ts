/** Causal language models as graphs, and as Hugging Face folders. */
export type { ModelConfig } from "./architecture.ts";
export { type ChatTemplate, chatTemplateOf } from "./chat-template.ts";
export { parseConfig } from "./config.ts";
export { encoderBatch } from "./encoder/encoder-batch.ts";
export { type EncoderConfig, longestText } from "./encoder/encoder-config.ts";
export { encoderStates } from "./encoder/encoder-graph.ts";
export { type Encoder, loadEncoder } from "./encoder/encoder.ts";
export { type Model, countParameters, initializeModel, loadModel, saveModel } from "./folder.ts";
export { declarePackedInputs, packedAttention } from "./packed-attention.ts";
export { dropoutPool } from "./lora-dropout.ts";
export {
  ALL_LINEAR,
  type Adapter,
  type LoraSettings,
  initializeAdapter,
  loraSettings,
  mergeAdapter,
} from "./lora.ts";
export { packedValues } from "./packed-values.ts";
export { type ParameterTensors, declareParameters, parameterShapes } from "./parameters.ts";
export { type TensorData, readSafetensors, writeSafetensors } from "./safetensors.ts";
export { loadAdapter, saveAdapter } from "./peft-folder.ts";
export { withRankingHead } from "./ranking-head.ts";
export { recordTemplate } from "./side-files.ts";
export { storedTensors } from "./stored-tensors.ts";
export { type Attend, finalNorm, hiddenStates, outputWeight, perWindow } from "./transformer.ts";
export { trainableParameters, trainableShapes } from "./trainable.ts";
export { TEMPLATES, type TemplateName, promptOf } from "./template.ts";
export { type TemplatedModel, withTemplate } from "./template-model.ts";
export { type Tokenizer, type TokenizerFiles, createTokenizer } from "./tokenizer.ts";
