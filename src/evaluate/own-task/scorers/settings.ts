/** Settings that several scorers have. */
import { z } from "zod";
import { DIFFERENCES } from "../normalize-answer.ts";

/** The name of an item's field. */
export const fieldName = z.string().min(1);

/** What the comparison of two answers overlooks. */
export const differences = z.array(z.enum(DIFFERENCES));
