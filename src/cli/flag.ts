/** The flags of a command, read from its zod schema: what to expect of a value, and how the help shows it. */
import { z } from "zod";
import { InternalError } from "../errors.ts";

export interface Flag {
  /** Key in the schema: `lengthPenalty`. */
  key: string;
  /** What the user types: `--length-penalty`; a positional shows its placeholder here. */
  name: string;
  positional: boolean;
  type: "string" | "number" | "integer" | "boolean";
  /** Takes several values, and may be repeated. */
  list: boolean;
  required: boolean;
  /** For one value; empty where any is allowed. */
  choices: readonly (string | number)[];
  /** The limits of a number in words: `from 0 to 2`; empty where there are none. */
  range: string;
  placeholder: string;
  description: string;
  default: unknown;
}

/** Every field of the schema, in its order. Throws an `InternalError` for a field that no command line can give. */
export function flagsOf(schema: z.ZodObject, positionals: readonly string[] = []): Flag[] {
  const { properties, required = [] } = jsonSchema.parse(z.toJSONSchema(schema, { io: "input" }));
  return Object.entries(properties).map(([key, field]) => {
    const value = field.items ?? field;
    const type = value.type ?? "unknown";
    if (!isFlagType(type) || (field.items && type === "boolean")) {
      throw new InternalError(`the option ${key} is no string, number, boolean, enum or array of these`, {
        code: "cli-unsupported-option",
      });
    }
    const choices = value.enum ?? (value.const === undefined ? [] : [value.const]);
    const placeholder = field.placeholder ?? (choices.join("|") || DEFAULT_PLACEHOLDERS[type]);
    const positional = positionals.includes(key);
    return {
      key,
      name: positional ? placeholder : `--${kebabCase(key)}`,
      positional,
      type,
      list: field.items !== undefined,
      required: required.includes(key),
      choices,
      range: rangeInWords(value),
      placeholder,
      description: field.description ?? "",
      default: field.default,
    };
  });
}

/** What a value of this flag must be, for messages and help: `a whole number from 1 to 8`. */
export function expectation({ type, choices, range }: Flag): string {
  if (choices.length > 0) return `${choices.length > 1 ? "one of " : ""}${choices.join(", ")}`;
  const noun = type === "integer" ? "a whole number" : type === "number" ? "a number" : "text";
  return [noun, range].filter(Boolean).join(" ");
}

const DEFAULT_PLACEHOLDERS = { string: "TEXT", number: "NUMBER", integer: "N", boolean: "" } as const;

const choice = z.union([z.string(), z.number()]);

const valueSchema = z.object({
  type: z.string().optional().catch(undefined),
  enum: z.array(choice).optional(),
  const: choice.optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
});

/** The part of JSON Schema that zod writes for the supported fields. */
const jsonSchema = z.object({
  required: z.array(z.string()).optional(),
  properties: z.record(
    z.string(),
    valueSchema.extend({
      items: valueSchema.optional(),
      placeholder: z.string().optional(),
      description: z.string().optional(),
      default: z.unknown().optional(),
    }),
  ),
});

function isFlagType(type: string): type is Flag["type"] {
  return Object.hasOwn(DEFAULT_PLACEHOLDERS, type);
}

export function kebabCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function rangeInWords(limits: z.output<typeof valueSchema>): string {
  // zod writes the limits of exact integers for every integer; they say nothing to a reader.
  const lower = limits.minimum === Number.MIN_SAFE_INTEGER ? undefined : limits.minimum;
  const upper = limits.maximum === Number.MAX_SAFE_INTEGER ? undefined : limits.maximum;
  if (lower !== undefined && upper !== undefined) return `from ${lower} to ${upper}`;
  const words: string[] = [];
  if (lower !== undefined) words.push(`of at least ${lower}`);
  if (limits.exclusiveMinimum !== undefined) words.push(`above ${limits.exclusiveMinimum}`);
  if (upper !== undefined) words.push(`of at most ${upper}`);
  if (limits.exclusiveMaximum !== undefined) words.push(`below ${limits.exclusiveMaximum}`);
  return words.join(" and ");
}
