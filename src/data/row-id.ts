/** The id of a row, in whatever file: a text, or a number that is taken for its text. */
import { z } from "zod";

export const rowId = z
  .union([z.string(), z.number()], { error: "expected a string or a number" })
  .transform(String);
