/**
 * The type of a Parquet column, from its values: what other readers know (texts, numbers, truth values, lists of texts or
 * numbers, lists of messages), and JSON for everything else.
 */
import type { SchemaElement } from "hyparquet";

export type ColumnType = ScalarType | { readonly listOf: ScalarType | readonly string[] } | "json";
type ScalarType = "text" | "number" | "boolean";

/** Absent values and nulls fit any type. */
export function columnTypeOf(values: readonly unknown[]): ColumnType {
  const present = values.filter((value) => value !== undefined && value !== null);
  const candidates: ColumnType[] = ["text", "number", "boolean", { listOf: "text" }, { listOf: "number" }];
  const fields = fieldsOf(present);
  if (fields !== undefined) candidates.push({ listOf: fields });
  return (
    candidates.find((type) => present.length > 0 && present.every((value) => fits(value, type))) ?? "json"
  );
}

/** Whether a column of this type holds the value without loss. */
export function fits(value: unknown, type: ColumnType): boolean {
  if (value === undefined || value === null || type === "json") return true;
  if (typeof type === "string") return isScalar(value, type);
  if (!Array.isArray(value)) return false;
  const { listOf } = type;
  return typeof listOf === "string"
    ? value.every((each) => isScalar(each, listOf))
    : value.every((each) => isRecordOfTexts(each, listOf));
}

export function schemaOf(types: ReadonlyMap<string, ColumnType>): SchemaElement[] {
  const columns = [...types].flatMap(([name, type]) => elementsOf(name, type));
  return [{ name: "root", num_children: types.size }, ...columns];
}

function elementsOf(name: string, type: ColumnType): SchemaElement[] {
  if (typeof type === "string") return [leaf(name, type)];
  const { listOf } = type;
  const element: SchemaElement[] =
    typeof listOf === "string"
      ? [leaf("element", listOf)]
      : [
          { name: "element", num_children: listOf.length, repetition_type: "OPTIONAL" },
          ...listOf.map((field) => leaf(field, "text")),
        ];
  return [
    { name, converted_type: "LIST", num_children: 1, repetition_type: "OPTIONAL" },
    { name: "list", num_children: 1, repetition_type: "REPEATED" },
    ...element,
  ];
}

function leaf(name: string, type: ScalarType | "json"): SchemaElement {
  const repetition_type = "OPTIONAL";
  if (type === "number") return { name, type: "DOUBLE", repetition_type };
  if (type === "boolean") return { name, type: "BOOLEAN", repetition_type };
  return { name, type: "BYTE_ARRAY", converted_type: type === "text" ? "UTF8" : "JSON", repetition_type };
}

/** The fields that the first element of the first list has; undefined where there is no such element. */
function fieldsOf(values: readonly unknown[]): readonly string[] | undefined {
  const list = values.find((value) => Array.isArray(value) && value.length > 0);
  const first: unknown = Array.isArray(list) ? list[0] : undefined;
  const fields = typeof first === "object" && first !== null ? Object.keys(first) : [];
  return fields.length === 0 ? undefined : fields;
}

function isScalar(value: unknown, type: ScalarType): boolean {
  if (type === "number") return typeof value === "number";
  return typeof value === (type === "text" ? "string" : "boolean");
}

function isRecordOfTexts(value: unknown, fields: readonly string[]): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return (
    Object.keys(value).length === fields.length &&
    fields.every((field) => typeof (value as Record<string, unknown>)[field] === "string")
  );
}
