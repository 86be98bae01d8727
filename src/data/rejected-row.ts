/** A row that could not be used: as it goes to a file of rejects, and as an error. */
import { UserError } from "../errors.ts";
import { type Place, placeInWords } from "./containers/raw-row.ts";

export interface RejectedRow extends Place {
  /** Where the place in the file is not known any more. */
  readonly id?: string | undefined;
  /** A path such as `responses.0.text`; empty where the row as a whole is wrong. */
  readonly field: string;
  readonly reason: string;
  /** The row, or its text where it is no value at all. */
  readonly content: unknown;
}

export function rejectedRowError({ line, row, id, field, reason }: RejectedRow, path: string): UserError {
  const where = id === undefined ? placeInWords({ line, row }) : `row "${id}"`;
  return new UserError(`${path}, ${where}${field === "" ? "" : `, field ${field}`}: ${reason}`, {
    code: "data-row-invalid",
    facts: { path, line, row, id, field },
  });
}
