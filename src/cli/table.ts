/** Text for people: aligned columns and wrapped lines. Widths are counted in characters, without colour codes. */
import { stripVTControlCharacters } from "node:util";

const characters = new Intl.Segmenter();

/** A table cell. Numbers are written as they are, so round them first; a column with one is aligned to the right. */
export type Cell = string | number;

/** One line for each row, columns two spaces apart. */
export function table(rows: readonly (readonly Cell[])[]): string {
  const widths: number[] = [];
  const numeric: boolean[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, widthOf(String(cell)));
      numeric[column] ||= typeof cell === "number";
    }
  }
  const lines = rows.map((row) => {
    const cells = row.map((cell, column) => pad(String(cell), widths[column]!, numeric[column]!));
    return cells.join("  ").trimEnd();
  });
  return lines.join("\n");
}

/** The words of `text` in lines of at most `width` characters; a longer word has its own line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && longer.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}

function pad(text: string, width: number, toTheRight: boolean): string {
  const space = " ".repeat(width - widthOf(text));
  return toTheRight ? space + text : text + space;
}

function widthOf(text: string): number {
  return [...characters.segment(stripVTControlCharacters(text))].length;
}
