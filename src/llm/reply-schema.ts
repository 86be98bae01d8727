/**
 * A schema that the server is to hold a reply to, in the parts of JSON Schema that providers can enforce. What they cannot is
 * left out: whoever reads the reply checks it whole.
 */

type JsonSchema = Readonly<Record<string, unknown>>;

export interface ReplySchema {
  /** Letters, digits, `_` and `-`. */
  readonly name: string;
  readonly schema: JsonSchema;
}

/** `response_format` of OpenAI's chat API, which vLLM, SGLang, llama.cpp, Ollama and LM Studio take as well. */
export function responseFormat({ name, schema }: ReplySchema) {
  const enforced = enforceable(schema, { lengths: true });
  return { type: "json_schema" as const, json_schema: { name, strict: true, schema: { ...enforced } } };
}

/** `output_config` of Anthropic's Messages API, which knows no lengths of arrays. */
export function outputConfig({ schema }: ReplySchema) {
  return { format: { type: "json_schema" as const, schema: { ...enforceable(schema, { lengths: false }) } } };
}

/** Limits of numbers are not among them: Anthropic refuses them, and so do OpenAI's models that were fine-tuned. */
const KEPT = new Set(["type", "enum", "const", "description", "required", "additionalProperties", "$ref"]);

function enforceable(schema: JsonSchema, options: { lengths: boolean }): JsonSchema {
  const inside = (part: unknown): JsonSchema => enforceable(part as JsonSchema, options);
  const parts = Object.entries(schema).flatMap(([key, value]): [string, unknown][] => {
    if (KEPT.has(key)) return [[key, value]];
    // Of a tuple, what may follow its parts.
    if (key === "items") return "prefixItems" in schema ? [] : [[key, inside(value)]];
    if (key === "prefixItems") return tupleParts((value as JsonSchema[]).map(inside), options);
    if (key === "anyOf") return [[key, (value as JsonSchema[]).map(inside)]];
    if (key === "properties" || key === "$defs") return [[key, mapValues(value as JsonSchema, inside)]];
    return [];
  });
  return Object.fromEntries(parts);
}

/** No provider knows tuples: an array of as many, each of any of their kinds. */
function tupleParts(items: readonly JsonSchema[], { lengths }: { lengths: boolean }): [string, unknown][] {
  const kinds = [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
  const length = lengths ? { minItems: items.length, maxItems: items.length } : {};
  return Object.entries({ items: kinds.length === 1 ? kinds[0] : { anyOf: kinds }, ...length });
}

function mapValues(record: JsonSchema, change: (value: unknown) => unknown): JsonSchema {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
