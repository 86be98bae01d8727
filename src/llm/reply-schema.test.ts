/** What is sent of a schema is in the parts of JSON Schema that providers enforce, whatever zod writes. */
import { expect, test } from "vitest";
import { z } from "zod";
import { outputConfig, responseFormat } from "./reply-schema.ts";

const FORM = z.strictObject({
  kind: z.enum(["a", "b"]).describe("Which."),
  count: z.number().int().min(0).max(5),
  pair: z.tuple([z.number().min(0), z.number().min(0)]),
  mixed: z.tuple([z.string(), z.number()]),
  list: z.array(z.strictObject({ name: z.string().min(1) })).max(9),
  either: z.union([z.string(), z.strictObject({ name: z.string() })]),
});
const { $schema: _, ...schema } = z.toJSONSchema(FORM);
const reply = { name: "form", schema };

/** The kinds of node that the guides of OpenAI (strict) and Anthropic list, with their keys. */
function outsideTheSubset(node: unknown, lengths: boolean, path = "$"): string[] {
  const { type, description: _1, ...keys } = node as Record<string, unknown>;
  const inside = (child: unknown, key: string): string[] =>
    outsideTheSubset(child, lengths, `${path}.${key}`);
  const unknown = (...known: string[]): string[] =>
    Object.keys(keys).flatMap((key) => (known.includes(key) ? [] : [`${path}: ${key}`]));
  if ("anyOf" in keys) return (keys["anyOf"] as unknown[]).flatMap((each, i) => inside(each, String(i)));
  if (type === "object") {
    const properties = keys["properties"] as Record<string, unknown>;
    const isClosed = keys["additionalProperties"] === false;
    const isWhole = JSON.stringify(keys["required"]) === JSON.stringify(Object.keys(properties));
    return [
      ...unknown("properties", "required", "additionalProperties"),
      ...(isClosed && isWhole ? [] : [`${path}: open`]),
      ...Object.entries(properties).flatMap(([key, child]) => inside(child, key)),
    ];
  }
  if (type === "array")
    return [
      ...unknown("items", ...(lengths ? ["minItems", "maxItems"] : [])),
      ...inside(keys["items"], "[]"),
    ];
  if (type === "string") return unknown("enum");
  return ["number", "integer", "null", "boolean"].includes(type as string) ? unknown() : [`${path}: no type`];
}

test("OpenAI's strict mode", () => {
  const { json_schema } = responseFormat(reply);
  expect(json_schema).toMatchObject({ name: "form", strict: true });
  expect(outsideTheSubset(json_schema.schema, true)).toEqual([]);
  expect(json_schema.schema).toMatchObject({
    properties: {
      kind: { enum: ["a", "b"], description: "Which." },
      pair: { type: "array", items: { type: "number" }, minItems: 2, maxItems: 2 },
      mixed: { type: "array", items: { anyOf: [{ type: "string" }, { type: "number" }] } },
    },
  });
});

test("Anthropic's structured outputs", () => {
  const { format } = outputConfig(reply);
  expect(outsideTheSubset(format.schema, false)).toEqual([]);
});

test("the check finds what is outside", () => {
  expect(outsideTheSubset(schema, true)).toContain("$.pair: prefixItems");
  expect(outsideTheSubset(schema, true)).toContain("$.count: minimum");
});
