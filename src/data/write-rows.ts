/** Writes our records as they are: instruction rows as Alpaca's, ranked lists as ranked lists. */
import { writeObjects } from "./containers/write-objects.ts";
import { idOf } from "./formats/format.ts";
import { type Row, isList } from "./read-rows.ts";

/** The file's name says its kind. Returns the number of rows. */
export async function writeRows(path: string, rows: AsyncIterable<Row> | Iterable<Row>): Promise<number> {
  let count = 0;
  const objects = async function* (): AsyncGenerator<Readonly<Record<string, unknown>>> {
    for await (const row of rows) {
      const { id, ...rest } = row;
      yield isList(row) ? row : { ...idOf(id, count), ...rest };
      count++;
    }
  };
  await writeObjects(path, objects());
  return count;
}
