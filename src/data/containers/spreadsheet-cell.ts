/**
 * Texts as cells of a file that people open in a spreadsheet, where a cell that begins as a formula would be run (OWASP, "CSV
 * Injection"). An apostrophe in front makes it a text again.
 */

/** Unlike `plainText` of the cell, safe to open. */
export function safeCell(text: string): string {
  return looksLikeFormula(text) ? `'${text}` : text;
}

/** What `safeCell` was given: it also guards what begins as a guarded text does, so that there is one text for each cell. */
export function plainText(cell: string): string {
  return cell.startsWith("'") && looksLikeFormula(cell.slice(1)) ? cell.slice(1) : cell;
}

/** Signs of full width count, and so do spaces and apostrophes before a sign, which some programs leave out. */
function looksLikeFormula(text: string): boolean {
  return /^[\s']*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^'*[\t\r\n]/.test(text);
}
