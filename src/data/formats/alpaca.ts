/** Alpaca's own rows: {instruction, input, output}. Other keys stay with the row. */
import { instructionRow } from "../record.ts";
import { type InstructionFormat, idOf } from "./format.ts";

export const alpaca: InstructionFormat = {
  name: "alpaca",
  keys: "instruction, input, output",
  holds: "instructions",
  recognizes: (row) => "instruction" in row && !Array.isArray(row["output"]) && !("responses" in row),
  structured: [],
  texts: ["instruction", "input", "output"],
  row: instructionRow,
  write({ id, instruction, input, output, ...rest }, index) {
    return { ...idOf(id, index), instruction, input, output, ...rest };
  },
};
