/**
 * Dimensions of symbolic tensors. A dimension is a number, or a polynomial over named symbols written as a canonical
 * string such as `"2*batch*length+batch"`: two dimensions are equal exactly when their strings are.
 */

export type Dimension = number | string;
export type Shape = readonly Dimension[];
export type DataType = "float32" | "int32";

export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DataType;
}

/** The product of dimensions in canonical form: `product([2, "b", "a+1"])` is `"2*a*b+2*b"`. */
export function product(dimensions: Shape): Dimension {
  return format(dimensions.map(parse).reduce(multiplyPolynomials, new Map([["", 1]])));
}

/** The number that a dimension stands for, where the symbols have these lengths. */
export function lengthOf(dimension: Dimension, lengths: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const [symbols, coefficient] of parse(dimension)) {
    const factors = symbols === "" ? [] : symbols.split("*");
    total += factors.reduce((value, symbol) => value * lengths.get(symbol)!, coefficient);
  }
  return total;
}

/** The sum of dimensions in canonical form; used where tensors are joined along an axis. */
export function sum(dimensions: Shape): Dimension {
  const total: Polynomial = new Map();
  for (const dimension of dimensions) {
    for (const [symbols, coefficient] of parse(dimension)) addTerm(total, symbols, coefficient);
  }
  return format(total);
}

/** Coefficients by sorted product of symbols; the constant term's product is empty. */
type Polynomial = Map<string, number>;

function parse(dimension: Dimension): Polynomial {
  if (typeof dimension === "number") return new Map([["", dimension]]);
  const polynomial: Polynomial = new Map();
  for (const term of dimension.split("+")) {
    const [, factor, symbols] = /^(\d*)\*?(.*)$/.exec(term) as unknown as [string, string, string];
    addTerm(polynomial, symbols, factor === "" ? 1 : Number(factor));
  }
  return polynomial;
}

function format(polynomial: Polynomial): Dimension {
  const terms = [...polynomial].filter(([, coefficient]) => coefficient !== 0);
  if (terms.every(([symbols]) => symbols === "")) return polynomial.get("") ?? 0;
  const formatTerm = ([symbols, coefficient]: [string, number]): string =>
    symbols === "" ? String(coefficient) : `${coefficient === 1 ? "" : `${coefficient}*`}${symbols}`;
  return terms
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(formatTerm)
    .join("+");
}

function multiplyPolynomials(left: Polynomial, right: Polynomial): Polynomial {
  const result: Polynomial = new Map();
  for (const [a, x] of left) {
    for (const [b, y] of right) {
      const symbols = [...a.split("*"), ...b.split("*")].filter(Boolean).toSorted();
      addTerm(result, symbols.join("*"), x * y);
    }
  }
  return result;
}

function addTerm(polynomial: Polynomial, symbols: string, coefficient: number): void {
  polynomial.set(symbols, (polynomial.get(symbols) ?? 0) + coefficient);
}

/** What numpy's broadcasting makes of the shapes, or undefined where two dimensions disagree. */
export function broadcast(left: Shape, right: Shape): Shape | undefined {
  const rank = Math.max(left.length, right.length);
  const at = (shape: Shape, axis: number): Dimension => shape[axis - rank + shape.length] ?? 1;
  const result: Dimension[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const [a, b] = [at(left, axis), at(right, axis)];
    if (a !== b && a !== 1 && b !== 1) return undefined;
    result.push(a === 1 ? b : a);
  }
  return result;
}

export function sameShape(left: Shape, right: Shape): boolean {
  return left.length === right.length && left.every((dimension, axis) => dimension === right[axis]);
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}
