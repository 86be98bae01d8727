/** Files of lines: the JSON rows in them, and what a kill in the middle of a write leaves at their end. */
import { readFileSync, truncateSync } from "node:fs";

/** Removes a last line without an end, and returns the bytes before it. */
export function dropTornLine(path: string): Buffer {
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf("\n") + 1;
  if (end < bytes.length) truncateSync(path, end);
  return bytes.subarray(0, end);
}

/** Up to the first line that is not JSON. */
export function parseRows<Row>(lines: readonly Buffer[]): Row[] {
  const rows: Row[] = [];
  try {
    for (const line of lines) rows.push(JSON.parse(line.toString()) as Row);
  } catch {
    // A disk that lost power may hold anything behind what was written before.
  }
  return rows;
}
