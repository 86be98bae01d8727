/** JSON Lines: one value a line. */
import { type RawRows, parseJson } from "./raw-row.ts";

/** CRLF line ends and blank lines are accepted. */
export async function* readJsonLineRows(text: AsyncIterable<string>): RawRows {
  let line = 0;
  for await (const lines of splitLines(text)) {
    yield lines.flatMap((each) => {
      const place = { line: ++line };
      return each.trim() === "" ? [] : [{ place, text: each, ...parseJson(each) }];
    });
  }
}

/** At line feeds only: `node:readline` also splits at U+2028, which JSON strings may hold as it is. */
async function* splitLines(text: AsyncIterable<string>): AsyncGenerator<string[]> {
  // A line may span many chunks: to add each to a string that is searched anew would take quadratic time.
  let pending: string[] = [];
  for await (const chunk of text) {
    const lines = chunk.split("\n");
    if (lines.length === 1) {
      pending.push(chunk);
      continue;
    }
    lines[0] = pending.join("") + lines[0]!;
    pending = [lines.pop()!];
    yield lines;
  }
  yield [pending.join("")];
}
