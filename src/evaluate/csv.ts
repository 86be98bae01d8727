/** Comma-separated values as RFC 4180 has them: quotes, doubled quotes, line ends within quotes. */

/** One object a record, by the names in the first one; blank lines are left out, missing fields absent. */
export function parseCsv(text: string): Record<string, string>[] {
  const [header = [], ...records] = fieldsOf(text).filter((fields) => fields.some((field) => field !== ""));
  const names = header.map((name) => name.trim());
  return records.map((fields) =>
    Object.fromEntries(names.flatMap((name, i) => (fields[i] === undefined ? [] : [[name, fields[i]]]))),
  );
}

const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/gy;

function fieldsOf(text: string): string[][] {
  const records: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(FIELD)) {
    records.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain!);
    if (end === "") break;
    if (end !== ",") records.push([]);
  }
  return records;
}
