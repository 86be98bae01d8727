/**
 * Dimensions of symbolic tensors. A dimension is a number, or an expression over named symbols written as a canonical
 * string: products of sums are never needed, so `"3*batch*length"` and `"a+b"` cover every op.
 */

export type Dimension = number | string;
export type Shape = readonly Dimension[];
export type DataType = "float32" | "int32";

export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DataType;
}

/** The product of dimensions in canonical form: `product([2, "b", "a"])` is `"2*a*b"`. */
export function product(dimensions: Shape): Dimension {
  let coefficient = 1;
  const symbols: string[] = [];
  for (const dimension of dimensions) {
    if (typeof dimension === "number") coefficient *= dimension;
    else if (dimension.includes("+")) symbols.push(`(${dimension})`);
    else {
      for (const factor of dimension.split("*")) {
        if (/^\d+$/.test(factor)) coefficient *= Number(factor);
        else symbols.push(factor);
      }
    }
  }
  if (symbols.length === 0 || coefficient === 0) return coefficient;
  return [...(coefficient === 1 ? [] : [String(coefficient)]), ...symbols.toSorted()].join("*");
}

/** The sum of dimensions in canonical form; used where tensors are joined along an axis. */
export function sum(dimensions: Shape): Dimension {
  let constant = 0;
  const terms: string[] = [];
  for (const dimension of dimensions) {
    if (typeof dimension === "number") constant += dimension;
    else terms.push(dimension);
  }
  if (terms.length === 0) return constant;
  return [...terms.toSorted(), ...(constant === 0 ? [] : [String(constant)])].join("+");
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
