/** What a kill in the middle of a write leaves at the end of a file of lines. */
import { readFileSync, truncateSync } from "node:fs";

/** Removes a last line without an end, and returns the bytes before it. */
export function dropTornLine(path: string): Buffer {
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf("\n") + 1;
  if (end < bytes.length) truncateSync(path, end);
  return bytes.subarray(0, end);
}
