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

/** Between the exponents' offsets, 15 in float16 and 127 in float32. */
const FLOAT16_SCALE = 2 ** (127 - 15);

/** IEEE 754 half precision: sign, exponent and fraction move to their places, then the exponent is corrected. */
function fromFloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(halves.length);
  const values = new Float32Array(bits.buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]!;
    const isFinite = (half & 0x7c00) !== 0x7c00;
    bits[i] = ((half & 0x8000) << 16) | ((half & 0x7fff) << 13) | (isFinite ? 0 : 0x7f800000);
    if (isFinite) values[i]! *= FLOAT16_SCALE;
  }
  return values;
}
