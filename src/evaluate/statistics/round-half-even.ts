/** Rounding as Python's `round(value, digits)`: of the exact binary value, ties to even. */
export function roundHalfEven(value: number, digits: number): number {
  // A binary fraction lies exactly between two decimals of so many digits only as an odd multiple of 1 / 2^(digits + 1).
  const steps = value * 2 ** (digits + 1);
  const isTie = Number.isInteger(steps) && steps % 2 !== 0;
  if (!isTie) return Number(value.toFixed(digits));
  const scaled = Math.floor(value * 10 ** digits);
  return (scaled % 2 === 0 ? scaled : scaled + 1) / 10 ** digits;
}
