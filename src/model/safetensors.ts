/**
 * Reads and writes safetensors files: 8 bytes of header length, a JSON header, then the tensors' bytes.
 * https://github.com/huggingface/safetensors#format. Values become float32, whatever the file stores.
 */
import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { z } from "zod";
import { UserError } from "../errors.ts";

export interface TensorData {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

const BYTES_PER_VALUE = { F32: 4, F16: 2, BF16: 2 } as const;
type StoredType = keyof typeof BYTES_PER_VALUE;

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.number().int().nonnegative()),
  data_offsets: z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]),
});
type Entry = z.infer<typeof entrySchema>;

const MAX_HEADER_BYTES = 100_000_000;

/** Every tensor of one file, by name. */
export function readSafetensors(path: string): Map<string, TensorData> {
  const file = openFile(path);
  try {
    const size = fstatSync(file).size;
    const { entries, dataStart } = readHeader(path, file, size);
    return new Map(
      [...entries].map(([name, entry]) => [name, readTensor({ path, file, name, entry, dataStart, size })]),
    );
  } finally {
    closeSync(file);
  }
}

/** Writes float32 tensors and waits until they are on the disk. */
export function writeSafetensors(path: string, tensors: ReadonlyMap<string, TensorData>): void {
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = JSON.stringify(header);
  const text = Buffer.from(
    json.padEnd(Math.ceil(Buffer.byteLength(json) / 8) * 8 + json.length - Buffer.byteLength(json)),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const file = openSync(path, "w");
  try {
    writeAll(file, length);
    writeAll(file, text);
    for (const { data } of tensors.values()) {
      writeAll(file, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, "r");
  } catch (cause) {
    throw new UserError(`${path}: cannot be read (${(cause as Error).message}).`, {
      code: "weights-missing",
      cause,
    });
  }
}

function readHeader(
  path: string,
  file: number,
  size: number,
): { entries: Map<string, Entry>; dataStart: number } {
  if (size < 8) throw broken(path, `it has ${size} bytes, too few for a safetensors header`);
  const length = Number(readBytes(file, 0, 8).readBigUInt64LE());
  if (length > MAX_HEADER_BYTES)
    throw broken(path, "its first 8 bytes are not a header length: not a safetensors file");
  if (8 + length > size)
    throw broken(path, `truncated: the header needs ${8 + length} bytes, the file has ${size}`);
  const header = parseHeader(path, readBytes(file, 8, length).toString("utf8"));
  const entries = new Map<string, Entry>();
  for (const [name, value] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const entry = entrySchema.safeParse(value);
    if (!entry.success) throw broken(path, `the header's entry for "${name}" is malformed`);
    entries.set(name, entry.data);
  }
  return { entries, dataStart: 8 + length };
}

function parseHeader(path: string, text: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch {
    throw broken(path, "its header is not a JSON object");
  }
}

interface TensorLocation {
  path: string;
  file: number;
  name: string;
  entry: Entry;
  dataStart: number;
  size: number;
}

function readTensor({ path, file, name, entry, dataStart, size }: TensorLocation): TensorData {
  const {
    dtype,
    shape,
    data_offsets: [start, end],
  } = entry;
  if (!(dtype in BYTES_PER_VALUE)) {
    throw broken(
      path,
      `"${name}" is stored as ${dtype}; supported are ${Object.keys(BYTES_PER_VALUE).join(", ")}`,
    );
  }
  const count = shape.reduce((product, length) => product * length, 1);
  const bytes = count * BYTES_PER_VALUE[dtype as StoredType];
  if (end - start !== bytes) {
    throw broken(
      path,
      `"${name}" of shape [${shape.join(", ")}] needs ${bytes} bytes, the header gives it ${end - start}`,
    );
  }
  if (dataStart + end > size) {
    throw broken(path, `truncated: "${name}" ends at byte ${dataStart + end}, the file has ${size}`);
  }
  return { shape, data: toFloat32(readBytes(file, dataStart + start, bytes), dtype as StoredType) };
}

function toFloat32(bytes: Buffer<ArrayBuffer>, dtype: StoredType): Float32Array {
  if (dtype === "F32") return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  if (dtype === "BF16") return new Float32Array(Uint32Array.from(halves, (half) => half * 65536).buffer);
  return Float32Array.from(halves, float16ToNumber);
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

const CHUNK_BYTES = 2 ** 30;

function readBytes(file: number, position: number, length: number): Buffer<ArrayBuffer> {
  const bytes = Buffer.from(new ArrayBuffer(length));
  for (let done = 0; done < length;) {
    const read = readSync(file, bytes, done, Math.min(CHUNK_BYTES, length - done), position + done);
    if (read === 0) break;
    done += read;
  }
  return bytes;
}

function writeAll(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(file, bytes, done, Math.min(CHUNK_BYTES, bytes.length - done));
  }
}

function broken(path: string, what: string): UserError {
  return new UserError(`${path}: ${what}.`, { code: "safetensors-broken", facts: { path } });
}
