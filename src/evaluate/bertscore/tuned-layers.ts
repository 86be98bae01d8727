/**
 * Which layer's hidden states BERTScore takes: for each encoder the one whose scores agreed best with human judgements on
 * WMT16, as its authors measured (table `model2layers` of the `bert-score` package 0.3.13). Those are listed whose families
 * Tuna computes; scores of other layers are on other scales.
 */
const TUNED_LAYERS: Readonly<Record<string, number>> = {
  "bert-base-uncased": 9,
  "bert-large-uncased": 18,
  "bert-base-cased-finetuned-mrpc": 9,
  "bert-base-multilingual-cased": 9,
  "bert-base-chinese": 8,
  "roberta-base": 10,
  "roberta-large": 17,
  "roberta-large-mnli": 19,
  "roberta-base-openai-detector": 7,
  "roberta-large-openai-detector": 15,
  "distilroberta-base": 5,
  "xlm-roberta-base": 9,
  "xlm-roberta-large": 17,
  scibert_scivocab_uncased: 8,
  scibert_scivocab_cased: 9,
  "bert-base-turkish-cased": 10,
  finbert: 10,
  "spanbert-base-cased": 8,
  "spanbert-large-cased": 17,
};

/** `name` is that of a model of the hub, `roberta-large` or `FacebookAI/roberta-large@main`, or a folder called so. */
export function tunedLayer(name: string): number | undefined {
  const model = name
    .replace(/^hf:/, "")
    .replace(/@[^@/]*$/, "")
    .split(/[/\\]/)
    .findLast((part) => part !== "");
  return model !== undefined && Object.hasOwn(TUNED_LAYERS, model) ? TUNED_LAYERS[model] : undefined;
}
