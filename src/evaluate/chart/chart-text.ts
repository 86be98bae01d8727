/** Text and numbers as an SVG needs them. */

/** Safe in text and attributes. Characters that XML does not allow are left out. */
export function escapeXml(text: string): string {
  const allowed = text.replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "");
  return allowed.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}

/** Pixels that the text takes at most, in common fonts: there is nothing here to measure it with. */
export function textWidth(text: string, fontSize: number): number {
  return text.length * fontSize * 0.6;
}

/** The text, cut to the width if need be. */
export function fitText(text: string, width: number, fontSize: number): string {
  if (textWidth(text, fontSize) <= width) return text;
  const length = Math.max(1, Math.floor(width / textWidth("x", fontSize)) - 1);
  return `${text.slice(0, length).trimEnd()}…`;
}

/** Hundredths of a pixel are enough, and keep files small and stable. */
export function round(pixels: number): number {
  return Math.round(pixels * 100) / 100;
}

export interface TextPlace {
  class: string;
  x: number;
  y: number;
  anchor?: "start" | "middle" | "end";
  /** Turned to read upwards. */
  upwards?: boolean;
}

/** A text element. */
export function svgText(text: string, { class: name, x, y, anchor = "start", upwards }: TextPlace): string {
  const place = `x="${round(x)}" y="${round(y)}"`;
  const turn = upwards ? ` transform="rotate(-90 ${round(x)} ${round(y)})"` : "";
  return `<text class="${name}" ${place} text-anchor="${anchor}"${turn}>${escapeXml(text)}</text>`;
}
