/** Python's expressions rewritten for JavaScript's own engine, which backtracks: what the automaton is compared with. */

const WORD = String.raw`\p{L}\p{N}_`;
const SPACE = String.raw`\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000`;

const ESCAPES: Readonly<Record<string, string>> = {
  "\\w": `[${WORD}]`,
  "\\W": `[^${WORD}]`,
  "\\d": String.raw`\p{Nd}`,
  "\\s": `[${SPACE}]`,
  "\\b": `(?:(?<=[${WORD}])(?![${WORD}])|(?<![${WORD}])(?=[${WORD}]))`,
  ".": String.raw`[^\n]`,
  $: String.raw`(?=\n?(?![\s\S]))`,
  "^": String.raw`(?<![\s\S])`,
};

export function backtracking(source: string): Record<"search" | "match", (text: string) => boolean> {
  const translated = source
    .split(/(\[\^?\]?[^\]]*\]|\\.|[.$^])/)
    .map((part) => ESCAPES[part] ?? part)
    .join("");
  const search = new RegExp(translated, "u");
  const match = new RegExp(String.raw`(?<![\s\S])(?:${translated})`, "u");
  return { search: (text) => search.test(text), match: (text) => match.test(text) };
}
