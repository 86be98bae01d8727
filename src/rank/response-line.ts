/**
 * A line of a judge's reply that opens with `Response k`: a score (`Response 2: 13`) or a text's header
 * (`###Response 4:`).
 */

export interface ResponseLine {
  label: number;
  /** Marked with #, as the prompt marks texts. */
  isHeader: boolean;
  /** What follows `Response k:`. */
  rest: string;
}

const RESPONSE =
  /^Response\s{1,5}(\d{1,9})\b[*_`)\]"'’]{0,5}\s{0,5}(?:\([^)]{0,50}\))?[*_`]{0,5}\s{0,5}(:?)[*_`]{0,5}([^]*)$/i;

/** Undefined where the line opens with anything else; a line that is no header needs its colon. */
export function readResponseLine(line: string): ResponseLine | undefined {
  const start = line.search(/\w/);
  const match = start < 0 ? null : RESPONSE.exec(line.slice(start));
  if (match === null) return undefined;
  const isHeader = line.slice(0, start).includes("#");
  if (!isHeader && match[2] === "") return undefined;
  return { label: Number(match[1]), isHeader, rest: match[3]!.trim() };
}
