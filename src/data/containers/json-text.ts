/** Rows as the text of JSON files. */
import { BLOCK_SIZE } from "../text-file.ts";

type Rows = Iterable<unknown> | AsyncIterable<unknown>;

export async function* jsonLines(rows: Rows): AsyncGenerator<string> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}

/** One array, with a row a line, so that line-wise tools are of use. */
export async function* jsonArray(rows: Rows): AsyncGenerator<string> {
  let between = "[\n";
  for await (const row of rows) {
    yield `${between}${JSON.stringify(row)}`;
    between = ",\n";
  }
  yield between === "[\n" ? "[]\n" : "\n]\n";
}

/** Texts gathered to blocks: one write for each row would be slow. */
export async function* inBlocks(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let block = "";
  for await (const text of texts) {
    block += text;
    if (block.length < BLOCK_SIZE) continue;
    yield block;
    block = "";
  }
  yield block;
}
