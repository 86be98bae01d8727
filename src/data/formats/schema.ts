/** Pieces of the schemas that formats share. */
import { z } from "zod";
import { rowId } from "../row-id.ts";
import { RowFault } from "./format.ts";

/** Several public data sets write null where there is none. */
export const optionalId = rowId.nullish().transform((id) => id ?? undefined);

/** The schema, and then `read`, whose `RowFault` is one of the schema. */
export function withFaults<In extends z.ZodType, Out>(
  schema: In,
  read: (row: z.output<In>) => Out,
): z.ZodType<Out> {
  return schema.transform((row, context): Out => {
    try {
      return read(row);
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      const path = error.field === "" ? [] : error.field.split(".");
      context.issues.push({ code: "custom", message: error.message, path, input: row });
      return z.NEVER;
    }
  });
}
