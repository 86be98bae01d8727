/** Numbers as Python and NumPy round and add them, digit for digit. */

/** Python's `round`: of the number's exact binary value, and to even where that lies in the middle. */
export function roundAsPython(value: number, digits: number): number {
  const rounded = Number(value.toFixed(digits));
  const [whole, fraction = ""] = value.toFixed(EXACT_DIGITS).split(".");
  const isMiddle = /^50*$/.test(fraction.slice(digits));
  if (!isMiddle) return rounded;
  const kept = `${whole}.${fraction.slice(0, digits)}`;
  const isEven = Number(kept.replace(".", "").at(-1)) % 2 === 0;
  // `toFixed` rounds the middle away from zero.
  return isEven ? Number(kept) : rounded;
}

/** `toFixed` writes as many; percentages have no more in binary. */
const EXACT_DIGITS = 100;

/** NumPy's `round` to one decimal: of ten times the number, and to even where that lies in the middle. */
export function roundAsNumpy(value: number): number {
  const tenfold = value * 10;
  const below = Math.floor(tenfold);
  const rest = tenfold - below;
  const isUp = rest > 0.5 || (rest === 0.5 && below % 2 !== 0);
  return (isUp ? below + 1 : below) / 10;
}

const LANES = 8;

/** NumPy's mean. From eight numbers on it adds in eight lanes (for up to 128), which may differ in the last bit. */
export function meanAsNumpy(values: readonly number[]): number {
  const inLanes = values.length < LANES ? 0 : values.length - (values.length % LANES);
  const lanes = Array.from({ length: LANES }, () => 0);
  for (let index = 0; index < inLanes; index++) lanes[index % LANES]! += values[index]!;
  const [a, b, c, d, e, f, g, h] = lanes as [number, number, number, number, number, number, number, number];
  let sum = a + b + (c + d) + (e + f + (g + h));
  for (const value of values.slice(inLanes)) sum += value;
  return sum / values.length;
}
