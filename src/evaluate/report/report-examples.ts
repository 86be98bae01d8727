/** The part of a report that shows texts side by side: a question, and what each run answered. */
import { moreText, shortText, visibleText } from "./foreign-text.ts";

export interface ReportExample {
  title: string;
  /** Whole, as they came: cut and made visible here. */
  question: string;
  answers: readonly { name: string; remark: string; text: string }[];
}

/** Of plain text. */
type Escape = (text: string) => string;

/** Characters; a question may hold examples and a passage. */
const MOST = 1200;

export function exampleMarkdown({ title, question, answers }: ReportExample, escape: Escape): string[] {
  return [
    `### ${escape(title)}`,
    ...quoted(question),
    ...answers.flatMap(({ name, remark, text }) => [
      `**${escape(name)}**, ${escape(remark)}`,
      ...quoted(text),
    ]),
  ];
}

/** Between fences longer than any in the text, so that nothing in it ends them. */
function quoted(whole: string): string[] {
  if (whole === "") return ["_(no text)_"];
  const { text, more } = shown(whole);
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return [`${fence}text\n${text}\n${fence}`, ...(more === 0 ? [] : [`_${moreText(more)}_`])];
}

export function exampleHtml({ title, question, answers }: ReportExample, escape: Escape): string {
  return [
    `<article class="example">\n<h3>${escape(title)}</h3>`,
    `<div class="question">${box(question, escape)}</div>`,
    '<div class="answers">',
    ...answers.map(({ name, remark, text }) => {
      const heading = `<h4>${escape(name)} <span class="note">${escape(remark)}</span></h4>`;
      return `<div class="answer">${heading}${box(text, escape)}</div>`;
    }),
    "</div>\n</article>",
  ].join("\n");
}

function box(whole: string, escape: Escape): string {
  if (whole === "") return '<p class="note">(no text)</p>';
  const { text, more } = shown(whole);
  const rest = more === 0 ? "" : `<p class="note">${escape(moreText(more))}</p>`;
  // HTML drops a line end that follows the tag: so the text keeps its own.
  return `<pre dir="auto" tabindex="0">\n${escape(text)}</pre>${rest}`;
}

function shown(whole: string): { text: string; more: number } {
  const { text, more } = shortText(whole, { most: MOST });
  return { text: visibleText(text), more };
}
