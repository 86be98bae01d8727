/** A table of a report, as Markdown and as HTML. */

export interface ReportTable {
  header: readonly string[];
  rows: readonly (readonly ReportCell[])[];
  /** Names over neighbouring columns, whose spans add up to the header; an empty one stands over columns without. */
  groups?: readonly { name: string; columns: number }[];
}

/** Plain text; an object where some of it stands out. */
export type ReportCell = string | { text: string; strong: boolean };

/** Of plain text. */
type Escape = (text: string) => string;

/** Markdown has one row of headings: a column's has its group's name before its own. */
export function tableMarkdown({ header, rows, groups = [] }: ReportTable, escape: Escape): string {
  const groupOf = groups.flatMap(({ name, columns }) => Array.from({ length: columns }, () => name));
  const headings = header.map((name, i) => [groupOf[i] ?? "", name].filter(Boolean).join(" "));
  const line = (cells: readonly ReportCell[]): string =>
    `| ${cells
      .map((cell) => {
        if (typeof cell === "string") return escape(cell);
        return cell.strong ? `**${escape(cell.text)}**` : escape(cell.text);
      })
      .join(" | ")} |`;
  return [line(headings), `|${"---|".repeat(header.length)}`, ...rows.map(line)].join("\n");
}

/** A wide table scrolls by itself; the first column names the row. */
export function tableHtml({ header, rows, groups }: ReportTable, escape: Escape): string {
  const above =
    groups === undefined ? "" : `<tr>${groups.map((group) => groupHtml(group, escape)).join("")}</tr>`;
  const head = header.map((cell) => `<th scope="col">${escape(cell)}</th>`).join("");
  const lines = rows.map(([name = "", ...cells]) => {
    const rest = cells.map((cell) => `<td>${cellHtml(cell, escape)}</td>`).join("");
    return `<tr><th scope="row">${cellHtml(name, escape)}</th>${rest}</tr>`;
  });
  return [
    '<div class="scroll" tabindex="0">',
    `<table>\n<thead>${above}<tr>${head}</tr></thead>\n<tbody>\n${lines.join("\n")}\n</tbody>\n</table>`,
    "</div>",
  ].join("\n");
}

function groupHtml({ name, columns }: { name: string; columns: number }, escape: Escape): string {
  return name === ""
    ? `<td colspan="${columns}"></td>`
    : `<th scope="colgroup" colspan="${columns}">${escape(name)}</th>`;
}

function cellHtml(cell: ReportCell, escape: Escape): string {
  if (typeof cell === "string") return escape(cell);
  return cell.strong ? `<strong>${escape(cell.text)}</strong>` : escape(cell.text);
}
