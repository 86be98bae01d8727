/** The number formats of weights that Tuna reads, as safetensors files name them, and how they become float32. */

const BYTES_PER_VALUE = { F32: 4, F16: 2, BF16: 2 } as const;
export type StoredType = keyof typeof BYTES_PER_VALUE;

export const STORED_TYPES = Object.keys(BYTES_PER_VALUE) as readonly StoredType[];

export function isStoredType(name: string): name is StoredType {
  return Object.hasOwn(BYTES_PER_VALUE, name);
}

export function bytesPerValue(dtype: StoredType): number {
  return BYTES_PER_VALUE[dtype];
}

/** Takes `bytes` over: float32 values stay where they are. */
export function toFloat32(bytes: ArrayBuffer, dtype: StoredType): Float32Array<ArrayBuffer> {
  if (dtype === "F32") return new Float32Array(bytes);
  return dtype === "BF16" ? fromBfloat16(new Uint16Array(bytes)) : fromFloat16(new Uint16Array(bytes));
}

/** The upper half of a float32. */
function fromBfloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
  return new Float32Array(bits.buffer);
}

function fromFloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) values[i] = float16ToNumber(halves[i]!);
  return values;
}

/** IEEE 754 half precision: 1 sign bit, 5 exponent bits, 10 fraction bits. */
function float16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
