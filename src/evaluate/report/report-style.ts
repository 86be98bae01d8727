/** How a report's page looks: light or dark as the reader's system prefers, legible on a phone. */

export const PAGE_STYLE = `
:root {
  --surface: #ffffff; --text: #1f2328; --faint: #59636e; --line: #d9dee3;
  font: 16px/1.55 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, "DejaVu Sans", sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root { --surface: #15191f; --text: #e6edf3; --faint: #9aa4af; --line: #2b323b; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--surface); color: var(--text); }
main { max-width: 58rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1, h2 { overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0.5rem 0 1rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 0.5rem; padding-top: 0.75rem; border-top: 1px solid var(--line); }
p { max-width: 46rem; margin: 0.6rem 0; overflow-wrap: anywhere; }
.note { color: var(--faint); font-size: 0.9rem; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.35rem 0.9rem 0.35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
td { white-space: nowrap; }
thead th { color: var(--faint); font-weight: 600; }
tbody th { font-weight: 400; min-width: 6.5rem; max-width: 16rem; overflow-wrap: break-word; }
figure { margin: 1rem 0; }
figure svg { display: block; max-width: 100%; height: auto; }
`;

/** Answers side by side where there is room, and below each other on a phone. A long one scrolls in its box. */
export const EXAMPLE_STYLE = `
.example { margin: 1.5rem 0; padding-top: 0.5rem; border-top: 1px dashed var(--line); }
.example h3, .example h4 { margin: 0.4rem 0; font-size: 0.95rem; overflow-wrap: anywhere; }
.example h4 { font-size: 0.9rem; }
.example .note { font-weight: 400; margin: 0.3rem 0; }
.example pre {
  margin: 0; max-height: 18rem; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere;
  font: 0.85rem/1.45 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
.question { margin: 0.5rem 0; padding-left: 0.75rem; border-left: 3px solid var(--line); }
.answers { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); gap: 0.75rem; }
.answer { min-width: 0; padding: 0.25rem 0.75rem 0.6rem; border: 1px solid var(--line); border-radius: 6px; }
`;
