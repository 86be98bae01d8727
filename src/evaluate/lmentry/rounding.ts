/** Numbers as NumPy rounds and adds them, digit for digit. */

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
