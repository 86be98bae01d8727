import { describe, expect, test } from "vitest";
import { type StoredType, toFloat32 } from "./stored-values.ts";

function convert(bits: readonly number[], dtype: StoredType): number[] {
  return [...toFloat32(Uint16Array.from(bits).buffer, dtype)];
}

describe("float16", () => {
  // Values as IEEE 754 gives them: https://en.wikipedia.org/wiki/Half-precision_floating-point_format
  test.each([
    ["zero", 0x0000, 0],
    ["negative zero", 0x8000, -0],
    ["smallest subnormal", 0x0001, 5.960464477539063e-8],
    ["largest subnormal", 0x03ff, 0.00006097555160522461],
    ["smallest normal", 0x0400, 0.00006103515625],
    ["nearest to a third", 0x3555, 0.333251953125],
    ["largest below one", 0x3bff, 0.99951171875],
    ["one", 0x3c00, 1],
    ["smallest above one", 0x3c01, 1.0009765625],
    ["minus two", 0xc000, -2],
    ["largest", 0x7bff, 65504],
    ["infinity", 0x7c00, Infinity],
    ["minus infinity", 0xfc00, -Infinity],
    ["not a number", 0x7e00, NaN],
  ])("%s", (_, bits, value) => {
    expect(convert([bits], "F16")).toEqual([value]);
  });

  test("every finite value: neighbours differ by one unit of the last place, signs mirror", () => {
    const finite = Array.from({ length: 0x7c00 }, (_, bits) => bits);
    const values = convert(finite, "F16");
    const negative = convert(
      finite.map((bits) => bits | 0x8000),
      "F16",
    );
    const expectedUnit = (bits: number): number => 2 ** (Math.max(1, bits >> 10) - 25);
    const wrongStep = finite
      .slice(1)
      .filter((bits) => values[bits]! - values[bits - 1]! !== expectedUnit(bits - 1));
    expect(wrongStep).toEqual([]);
    expect(negative).toEqual(values.map((value) => -value));
  });
});

describe("bfloat16", () => {
  test.each([
    ["negative zero", 0x8000, -0],
    ["smallest subnormal", 0x0001, 9.183549615799121e-41],
    ["smallest normal", 0x0080, 1.1754943508222875e-38],
    ["one", 0x3f80, 1],
    ["pi, rounded", 0x4049, 3.140625],
    ["minus two", 0xc000, -2],
    ["largest", 0x7f7f, 3.3895313892515355e38],
    ["infinity", 0x7f80, Infinity],
    ["minus infinity", 0xff80, -Infinity],
    ["not a number", 0x7fc0, NaN],
  ])("%s", (_, bits, value) => {
    expect(convert([bits], "BF16")).toEqual([value]);
  });
});

test("float32 values are taken as they are", () => {
  const values = Float32Array.of(1.5, -0, NaN, Infinity, 1e-45);
  expect([...toFloat32(values.slice().buffer, "F32")]).toEqual([...values]);
});
