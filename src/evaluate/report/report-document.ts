/** A report of sections, tables and charts, as Markdown with its charts in files, or as one self-contained HTML page. */
import { PAGE_STYLE } from "./report-style.ts";

export interface ReportDocument {
  title: string;
  /** Before the first section. */
  lead: readonly string[];
  sections: readonly ReportSection[];
}

export interface ReportSection {
  title: string;
  /** Paragraphs; then the tables, the charts, and the notes. All are plain text. */
  text: readonly string[];
  tables?: readonly ReportTable[];
  charts?: readonly ReportChart[];
  notes?: readonly string[];
}

export interface ReportTable {
  header: readonly string[];
  rows: readonly (readonly string[])[];
}

export interface ReportChart {
  /** Its file's name, beside the Markdown. */
  file: string;
  title: string;
  svg: string;
}

export function chartsOf({ sections }: ReportDocument): ReportChart[] {
  return sections.flatMap(({ charts = [] }) => charts);
}

export function reportMarkdown({ title, lead, sections }: ReportDocument): string {
  const blocks = [
    `# ${inMarkdown(title)}`,
    ...lead.map(inMarkdown),
    ...sections.flatMap((section) => [
      `## ${inMarkdown(section.title)}`,
      ...section.text.map(inMarkdown),
      ...(section.tables ?? []).map(tableMarkdown),
      ...(section.charts ?? []).map((chart) => `![${inMarkdown(chart.title)}](${chart.file})`),
      ...(section.notes ?? []).map(inMarkdown),
    ]),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function tableMarkdown({ header, rows }: ReportTable): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(inMarkdown).join(" | ")} |`;
  return [line(header), `|${"---|".repeat(header.length)}`, ...rows.map(line)].join("\n");
}

/** Names come from data: they must not become markup. */
function inMarkdown(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll(/[\\`*_<>[\]|]/g, String.raw`\$&`);
}

export function reportHtml({ title, lead, sections }: ReportDocument): string {
  const body = [
    `<h1>${inHtml(title)}</h1>`,
    ...lead.map(paragraph),
    ...sections.flatMap((section) => [
      `<section>\n<h2>${inHtml(section.title)}</h2>`,
      ...section.text.map(paragraph),
      ...(section.tables ?? []).map(tableHtml),
      ...(section.charts ?? []).map(({ svg }) => `<figure>\n${svg}</figure>`),
      ...(section.notes ?? []).map((note) => `<p class="note">${inHtml(note)}</p>`),
      "</section>",
    ]),
  ];
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${inHtml(title)}</title>`,
    `<style>${PAGE_STYLE}</style>`,
    "</head>",
    "<body>",
    "<main>",
    ...body,
    "</main>",
    "</body>",
    "</html>\n",
  ].join("\n");
}

/** A wide table scrolls by itself; the first column names the row. */
function tableHtml({ header, rows }: ReportTable): string {
  const head = header.map((cell) => `<th scope="col">${inHtml(cell)}</th>`).join("");
  const lines = rows.map(([name = "", ...cells]) => {
    const rest = cells.map((cell) => `<td>${inHtml(cell)}</td>`).join("");
    return `<tr><th scope="row">${inHtml(name)}</th>${rest}</tr>`;
  });
  return [
    '<div class="scroll" tabindex="0">',
    `<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${lines.join("\n")}\n</tbody>\n</table>`,
    "</div>",
  ].join("\n");
}

function paragraph(text: string): string {
  return `<p>${inHtml(text)}</p>`;
}

function inHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
