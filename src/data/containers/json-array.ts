/** One JSON array, read element by element: a file of any size needs the memory of its longest row. */
import { JsonElements } from "./json-elements.ts";
import { type RawRows, parseJson } from "./raw-row.ts";

/** An element that is not JSON is a broken row; what is wrong between elements is thrown. */
export async function* readJsonArrayRows(text: AsyncIterable<string>): RawRows {
  const elements = new JsonElements();
  let row = 0;
  for await (const chunk of text) {
    yield elements.next(chunk).map(({ text: element, line }) => {
      return { place: { line, row: row++ }, text: element, ...parseJson(element) };
    });
  }
  elements.end();
}
