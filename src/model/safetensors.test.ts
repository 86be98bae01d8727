import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { hasShared, sharedPath } from "../../test/shared.ts";
import { type TensorData, readSafetensors, writeSafetensors } from "./safetensors.ts";

const folder = mkdtempSync(join(tmpdir(), "tuna-safetensors-"));
const path = join(folder, "x.safetensors");
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function writeFile(header: string | Uint8Array, data: ArrayBufferView = new Uint8Array()): void {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  writeFileSync(path, Buffer.concat([length, Buffer.from(header), bytes]));
}

const entry = (shape: number[], offsets: number[], dtype = "F32"): object => ({
  dtype,
  shape,
  data_offsets: offsets,
});

function writeEntries(entries: object, data?: ArrayBufferView): void {
  writeFile(JSON.stringify(entries), data);
}

describe("reading", () => {
  test("a file written by hand, in all number formats, whatever the order and alignment", () => {
    const bytes = Buffer.from("003c00c0 0000803f 803f".replaceAll(" ", ""), "hex");
    writeEntries(
      {
        bfloat: entry([1], [8, 10], "BF16"),
        __metadata__: { format: "pt" },
        half: entry([1, 2], [0, 4], "F16"),
        single: entry([], [4, 8]),
        empty: entry([3, 0], [4, 4]),
      },
      bytes,
    );
    const plain = Object.fromEntries(
      [...readSafetensors(path)].map(([name, { shape, data }]) => [name, { shape, data: [...data] }]),
    );
    expect(plain).toEqual({
      half: { shape: [1, 2], data: [1, -2] },
      single: { shape: [], data: [1] },
      bfloat: { shape: [1], data: [1] },
      empty: { shape: [3, 0], data: [] },
    });
  });

  test.skipIf(!hasShared)("a file that the reference library wrote", () => {
    const tensors = readSafetensors(sharedPath("stories260K/model.safetensors"));
    expect(tensors.get("model.norm.weight")!.shape).toEqual([64]);
    expect(tensors.get("model.embed_tokens.weight")!.shape).toEqual([512, 64]);
    const values = [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
    expect(values).toBe(260_032);
  });
});

const arbitraryTensor = fc.array(fc.nat({ max: 4 }), { maxLength: 4 }).chain((shape) => {
  const length = shape.reduce((product, each) => product * each, 1);
  return fc
    .float32Array({ minLength: length, maxLength: length })
    .map((data): TensorData => ({ shape, data }));
});
const arbitraryTensors = fc
  .dictionary(
    fc.string({ unit: "binary" }).filter((name) => name !== "__metadata__"),
    arbitraryTensor,
  )
  .map((tensors) => new Map(Object.entries(tensors)));

describe("writing", () => {
  test("whatever is written is read back, bit for bit, and aligned", () => {
    fc.assert(
      fc.property(arbitraryTensors, (tensors) => {
        writeSafetensors(path, tensors);
        const read = readSafetensors(path);
        expect([...read.keys()].toSorted()).toEqual([...tensors.keys()].toSorted());
        for (const [name, { shape, data }] of tensors) {
          expect(read.get(name)!.shape).toEqual(shape);
          expect(Buffer.from(read.get(name)!.data.buffer)).toEqual(Buffer.from(data.slice().buffer));
        }
        expect(readFileSync(path).readUInt32LE() % 8).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  test("names that JavaScript objects treat specially", () => {
    const tensors = new Map(
      ["__proto__", "toString", "10", "9", "é"].map((name, index) => [
        name,
        { shape: [1], data: Float32Array.of(index) },
      ]),
    );
    writeSafetensors(path, tensors);
    const values = [...readSafetensors(path)].map(([name, { data }]) => [name, data[0]]);
    expect(new Map(values as [string, number][])).toEqual(
      new Map([...tensors].map(([name, { data }]) => [name, data[0]])),
    );
  });

  test("a view into a larger buffer writes its own part only", () => {
    const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    writeSafetensors(path, new Map([["x", { shape: [2], data }]]));
    expect([...readSafetensors(path).get("x")!.data]).toEqual([2, 3]);
  });

  test("a shape that its values do not fill is our own fault", () => {
    const tensors = new Map([["x", { shape: [3], data: Float32Array.of(1) }]]);
    expect(() => writeSafetensors(path, tensors)).toThrow(
      /^internal: tensor "x" of shape \[3\] has 1 values/,
    );
  });
});

describe("damaged files are refused with what is wrong", () => {
  const data = Float32Array.of(1, 2, 3, 4);

  function expectRefusal(message: RegExp): void {
    expect(() => readSafetensors(path)).toThrow(
      expect.objectContaining({
        name: "UserError",
        message: expect.stringMatching(message) as string,
      }),
    );
    expect(() => readSafetensors(path)).toThrow(path);
  }

  test("no file", () => {
    const missing = join(folder, "absent.safetensors");
    expect(() => readSafetensors(missing)).toThrow(/absent\.safetensors: cannot be read \(ENOENT/);
  });

  test.each([0, 7])("%d bytes", (length) => {
    writeFileSync(path, Buffer.alloc(length));
    expectRefusal(/it has \d bytes, too few for a safetensors header/);
  });

  test("another kind of file", () => {
    writeFileSync(path, "PK\u0003\u0004 this is a zip archive, as pytorch_model.bin is");
    expectRefusal(/not a safetensors file/);
  });

  test("truncated in the header", () => {
    writeEntries({ x: entry([4], [0, 16]) }, data);
    writeFileSync(path, readFileSync(path).subarray(0, 20));
    expectRefusal(/truncated: the header needs \d+ bytes, the file has 20\. Download/);
  });

  test.each([1, 15])("truncated in the data, by %d bytes", (cut) => {
    writeEntries({ x: entry([4], [0, 16]) }, data);
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, whole.length - cut));
    expectRefusal(
      new RegExp(`truncated: its tensors end at byte ${whole.length}, the file has ${whole.length - cut}`),
    );
  });

  test("bytes that no tensor owns", () => {
    writeEntries({ x: entry([2], [0, 8]) }, data);
    expectRefusal(/its tensors end at byte \d+, but the file goes on to \d+/);
  });

  test.each([
    ["not JSON", "{"],
    ["an array", "[]"],
    ["null", "null"],
    ["not UTF-8", Buffer.from("7b22ff223a7b7d7d", "hex")],
  ])("a header that is %s", (_, header) => {
    writeFile(header);
    expectRefusal(/its header is not a JSON object/);
  });

  test.each([
    ["no shape", { dtype: "F32", data_offsets: [0, 4] }],
    ["negative length", entry([-1], [0, 4])],
    ["broken length", entry([1.5], [0, 4])],
    ["one offset", entry([1], [0])],
    ["text", "F32"],
  ])("an entry with %s", (_, value) => {
    writeEntries({ x: value }, data);
    expectRefusal(/the header's entry for "x" is not \{dtype, shape, data_offsets\}/);
  });

  test.each(["I64", "F8_E4M3", "toString"])("the number format %s", (dtype) => {
    writeEntries({ x: entry([4], [0, 16], dtype) }, data);
    expectRefusal(new RegExp(`"x" is stored as ${dtype}; Tuna reads F32, F16, BF16\\. Convert`));
  });

  test.each([
    [[0, 12], 12],
    [[16, 0], -16],
  ])("offsets %j that do not fit the shape", (offsets, given) => {
    writeEntries({ x: entry([4], offsets) }, data);
    expectRefusal(new RegExp(`"x" of shape \\[4\\] needs 16 bytes as F32, the header gives it ${given}`));
  });

  test("tensors that overlap", () => {
    writeEntries({ x: entry([3], [0, 12]), y: entry([2], [8, 16]) }, data);
    expectRefusal(/"y" starts at byte \d+ and overlaps the tensor before it/);
  });

  test("a hole between tensors", () => {
    writeEntries({ x: entry([1], [0, 4]), y: entry([2], [8, 16]) }, data);
    expectRefusal(/"y" starts at byte \d+ and leaves 4 unused bytes before it/);
  });

  test("a hole before the first tensor", () => {
    writeEntries({ x: entry([3], [4, 16]) }, data);
    expectRefusal(/"x" starts at byte \d+ and leaves 4 unused bytes/);
  });

  test("any cut of any file", () => {
    fc.assert(
      fc.property(
        arbitraryTensors,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (tensors, at) => {
          writeSafetensors(path, tensors);
          const whole = readFileSync(path);
          writeFileSync(path, whole.subarray(0, Math.floor(at * whole.length)));
          expect(() => readSafetensors(path)).toThrow(expect.objectContaining({ name: "UserError" }));
        },
      ),
      { numRuns: 50 },
    );
  });
});
