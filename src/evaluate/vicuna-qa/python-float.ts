/** Numbers as Python's `float()` reads them, which is what FastChat's scores go through. */

const DIGITS = String.raw`\d+(?:_\d+)*`;
const NUMBER = new RegExp(
  String.raw`^[+-]?(?:(?:${DIGITS}\.?(?:${DIGITS})?|\.${DIGITS})(?:e[+-]?${DIGITS})?|inf(?:inity)?|nan)$`,
  "i",
);

/** Undefined where Python raises. Full-width digits are digits there, too. */
export function pythonFloat(text: string): number | undefined {
  const plain = text.trim().replace(/[０-９]/g, (digit) => String(digit.codePointAt(0)! - 0xff10));
  if (!NUMBER.test(plain)) return undefined;
  const name = /^([+-]?)(?:inf(?:inity)?|(nan))$/i.exec(plain);
  if (name === null) return Number(plain.replaceAll("_", ""));
  if (name[2] !== undefined) return Number.NaN;
  return name[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
