/** A report of sections, tables, charts and examples, as Markdown with its charts in files, or as one self-contained HTML page. */
import { visibleText } from "./foreign-text.ts";
import { type ReportExample, exampleHtml, exampleMarkdown } from "./report-examples.ts";
import { EXAMPLE_STYLE, PAGE_STYLE } from "./report-style.ts";
import { type ReportTable, tableHtml, tableMarkdown } from "./report-table.ts";

export type { ReportTable };

export interface ReportDocument {
  title: string;
  /** Rules of the page beside those of every report. */
  style?: string;
  /** Before the first section. */
  lead: readonly string[];
  sections: readonly ReportSection[];
}

export interface ReportSection {
  title: string;
  /** Paragraphs; then the tables, the charts, the notes, and the examples. All are plain text. */
  text: readonly string[];
  tables?: readonly ReportTable[];
  charts?: readonly ReportChart[];
  notes?: readonly string[];
  examples?: readonly ReportExample[];
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
      ...(section.tables ?? []).map((table) => tableMarkdown(table, inMarkdown)),
      ...(section.charts ?? []).map((chart) => `![${inMarkdown(chart.title)}](${chart.file})`),
      ...(section.notes ?? []).map(inMarkdown),
      ...(section.examples ?? []).flatMap((example) => exampleMarkdown(example, inMarkdown)),
    ]),
  ];
  return `${blocks.join("\n\n")}\n`;
}

/** Names come from data: they must not become markup. */
function inMarkdown(text: string): string {
  return visibleText(text)
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[\\`*_<>[\]|]/g, String.raw`\$&`);
}

export function reportHtml({ title, lead, sections, style = "" }: ReportDocument): string {
  const body = [
    `<h1>${inHtml(title)}</h1>`,
    ...lead.map(paragraph),
    ...sections.flatMap((section) => [
      `<section>\n<h2>${inHtml(section.title)}</h2>`,
      ...section.text.map(paragraph),
      ...(section.tables ?? []).map((table) => tableHtml(table, inHtml)),
      ...(section.charts ?? []).map(({ svg }) => `<figure>\n${svg}</figure>`),
      ...(section.notes ?? []).map((note) => `<p class="note">${inHtml(note)}</p>`),
      ...(section.examples ?? []).map((example) => exampleHtml(example, inHtml)),
      "</section>",
    ]),
  ];
  const hasExamples = sections.some(({ examples = [] }) => examples.length > 0);
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${inHtml(title)}</title>`,
    `<style>${PAGE_STYLE}${hasExamples ? EXAMPLE_STYLE : ""}${style}</style>`,
    "</head>",
    "<body>",
    "<main>",
    ...body,
    "</main>",
    "</body>",
    "</html>\n",
  ].join("\n");
}

function paragraph(text: string): string {
  return `<p>${inHtml(text)}</p>`;
}

function inHtml(text: string): string {
  return visibleText(text).replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
