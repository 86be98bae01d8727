/** Reports of texts that mean harm: whatever a model wrote must stay text. */
import { describe, expect, test } from "vitest";
import { visibleText } from "./foreign-text.ts";
import { type ReportDocument, reportHtml, reportMarkdown } from "./report-document.ts";

const HOSTILE = {
  "a script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
  "the end of its box": "</pre></div></article></section></main></body></html><h1>mine</h1>",
  "a comment and an entity": "<!-- &lt;b&gt; --> & &amp; &#60;",
  "a style": "</style><style>*{display:none}</style>",
  markdown: "# heading\n\n| a | b |\n|---|---|\n\n![x](https://example.org/x.png) [y](javascript:alert(1))",
  fences: "```\n````text\n~~~\n``````\n**bold**",
  "a quotation and a list": "> quoted\n- item\n1. item\n    indented",
  "terminal codes": "\u001B[31mred\u001B[0m \u001B]0;title\u0007 \u009B2J bell\u0007 back\b",
  "right to left": "abc \u202Egpj.exe\u202C \u2067isolated\u2069 \u200Fmark שלום",
  "line ends of all kinds": "one\r\ntwo\rthree\u2028four\u0085five\n\n\n",
  "half a character": "\uD83D and \uDE00 and \u0000",
  "a template": "${process.exit(1)} {{x}} %s",
  "a leading line end": "\n\n  spaces",
} as const;

function documentOf(text: string): ReportDocument {
  return {
    title: text,
    lead: [text],
    sections: [
      {
        title: text,
        text: [text],
        tables: [
          {
            groups: [
              { name: "", columns: 1 },
              { name: text, columns: 1 },
            ],
            header: [text, text],
            rows: [[text, { text, strong: true }]],
          },
        ],
        charts: [],
        notes: [text],
        examples: [
          {
            title: text,
            question: text,
            answers: [
              { name: text, remark: text, text },
              { name: "b", remark: "", text: "" },
            ],
          },
        ],
      },
    ],
  };
}

const UNESCAPED = { "&#38;": "&", "&#60;": "<", "&#62;": ">", "&#34;": '"', "&#39;": "'" } as const;

function textOf(html: string): string {
  return html.replaceAll(/&#\d+;/g, (entity) => UNESCAPED[entity as keyof typeof UNESCAPED]);
}

/** The tags of a page in order; throws where they do not nest. */
function tagsOf(html: string): string[] {
  const open: string[] = [];
  const tags: string[] = [];
  for (const [tag, slash, name] of html
    .replace("<!doctype html>", "")
    .matchAll(/<(\/?)([a-z0-9]+)[^<>]*>/gi)) {
    tags.push(tag);
    if (slash === "/") {
      if (open.pop() !== name) throw new Error(`${tag} closes another`);
    } else if (name !== "meta" && !tag.endsWith("/>")) open.push(name!);
  }
  if (open.length > 0) throw new Error(`${open.join(", ")} left open`);
  return tags;
}

/** The texts between fences, read as CommonMark does: a fence ends with one at least as long and nothing behind it. */
function fencedTexts(markdown: string): string[] {
  const texts: string[] = [];
  let fence = "";
  let lines: string[] = [];
  for (const line of markdown.split("\n")) {
    const [, ticks, info] = /^ {0,3}(`{3,})([^`]*)$/.exec(line) ?? [];
    if (fence === "" && ticks !== undefined) [fence, lines] = [ticks, []];
    else if (fence !== "" && ticks !== undefined && ticks.length >= fence.length && info!.trim() === "") {
      texts.push(lines.join("\n"));
      fence = "";
    } else lines.push(line);
  }
  expect(fence).toBe("");
  return texts;
}

describe.each(Object.entries(HOSTILE))("%s", (_, text) => {
  const plain = documentOf("plain");
  const html = reportHtml(documentOf(text));
  const markdown = reportMarkdown(documentOf(text));

  test("adds no tag to the page, and stands in it whole", () => {
    expect(tagsOf(html)).toEqual(tagsOf(reportHtml(plain)));
    const boxes = Array.from(html.matchAll(/<pre[^>]*>\n([^]*?)<\/pre>/g), ([, box]) => textOf(box!));
    expect(boxes).toEqual([visibleText(text), visibleText(text)]);
  });

  test("stands in the Markdown between its fences, and outside them there is no line more", () => {
    expect(fencedTexts(markdown)).toEqual([visibleText(text), visibleText(text)]);
    const outside = (whole: string): number =>
      whole.replaceAll(/^(`{3,})text\n[^]*?\n\1$/gm, "").split("\n").length;
    expect(outside(markdown)).toBe(outside(reportMarkdown(plain)));
  });

  test("no character acts: not on a terminal, not on the direction of the page", () => {
    expect(`${html}${markdown}`).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}|\p{Cs}|[\u2028\u2029]/u);
  });
});

test("the page is self-contained, light and dark, and made for a phone too", () => {
  const html = reportHtml(documentOf("https://example.org/x.js"));
  expect(html).not.toMatch(
    /<(script|link|img|iframe|object|a|form|base)\b|\b(src|href|srcset)=|url\(|@import/i,
  );
  expect(html).toContain('<meta name="color-scheme" content="light dark">');
  expect(html).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
  expect(html).toMatch(/--surface: #ffffff;[^]*@media \(prefers-color-scheme: dark\)/);
  // A path as a model's name is one long word: a heading breaks it, or the whole page would scroll sideways.
  expect(html).toMatch(/h1, h2 \{ overflow-wrap: anywhere; \}/);
});

test("a long text is cut where a character ends, and the rest counted", () => {
  const html = reportHtml(documentOf("😀".repeat(100_000)));
  expect(html).toContain("… 98,800 more characters");
  expect(html).not.toMatch(/\p{Cs}/u);
  const markdown = reportMarkdown(documentOf("x".repeat(1241)));
  expect(markdown).toContain(`\n${"x".repeat(1200)}\n\`\`\`\n\n_… 41 more characters_\n`);
  expect(reportMarkdown(documentOf("x".repeat(1240)))).not.toContain("more character");
});

test("an answer without text is told from one that says so", () => {
  expect(reportMarkdown(documentOf("(no text)"))).toMatch(/```text\n\(no text\)\n```[^]*\n_\(no text\)_\n/);
});

test("without examples the page is what it was before there were any", () => {
  const { examples: _, ...section } = documentOf("a").sections[0]!;
  expect(reportHtml({ ...documentOf("a"), sections: [section] })).not.toContain(".example");
});
