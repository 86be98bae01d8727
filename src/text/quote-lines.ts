/** Texts of strangers within a prompt: every line begins with a mark, so that none can stand where the prompt's own lines stand. */

export const QUOTE_MARK = "> ";

/** Also those that only some readers take for the end of a line. */
const LINE_END = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/g;

/** Two texts are never quoted alike: taking the mark away after each line's end gives the text back. */
export function quoteLines(text: string): string {
  return QUOTE_MARK + text.replaceAll(LINE_END, (end) => `${end}${QUOTE_MARK}`);
}
