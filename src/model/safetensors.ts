/**
 * Reads and writes safetensors files: 8 bytes of header length, a JSON header, then the tensors' bytes.
 * https://github.com/huggingface/safetensors#format. Values become float32, whatever the file stores.
 */
import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { InternalError, UserError } from "../errors.ts";
import { type StoredTensor, brokenSafetensors, parseHeader } from "./safetensors-header.ts";
import { toFloat32 } from "./stored-values.ts";

export interface TensorData {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

const LENGTH_BYTES = 8;
/** The limit of the reference implementation. */
const MAX_HEADER_BYTES = 100_000_000;

/** Every tensor of one file, by name. */
export function readSafetensors(path: string): Map<string, TensorData> {
  const file = openFile(path);
  try {
    return new Map(
      readHeader(path, file).map(({ name, dtype, shape, start, numBytes }) => {
        const bytes = readBytes(path, file, { position: start, length: numBytes });
        return [name, { shape, data: toFloat32(bytes, dtype) }];
      }),
    );
  } finally {
    closeSync(file);
  }
}

/** Writes float32 tensors and waits until they are on the disk. */
export function writeSafetensors(path: string, tensors: ReadonlyMap<string, TensorData>): void {
  const header = encodeHeader(tensors);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64LE(BigInt(header.length));
  const file = openSync(path, "w");
  try {
    writeAll(file, length);
    writeAll(file, header);
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
    throw new UserError(`${path}: cannot be read (${(cause as Error).message}). Check the path.`, {
      code: "weights-missing",
      cause,
    });
  }
}

function readHeader(path: string, file: number): StoredTensor[] {
  const fileSize = fstatSync(file).size;
  if (fileSize < LENGTH_BYTES) {
    throw brokenSafetensors(path, `it has ${fileSize} bytes, too few for a safetensors header`);
  }
  const lengthBytes = readBytes(path, file, { position: 0, length: LENGTH_BYTES });
  const length = Number(new DataView(lengthBytes).getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES) {
    throw brokenSafetensors(path, "its first 8 bytes are not a header length: not a safetensors file");
  }
  const dataStart = LENGTH_BYTES + length;
  if (dataStart > fileSize) {
    throw brokenSafetensors(path, `truncated: the header needs ${dataStart} bytes, the file has ${fileSize}`);
  }
  const header = new Uint8Array(readBytes(path, file, { position: LENGTH_BYTES, length }));
  return parseHeader(header, { path, dataStart, fileSize });
}

/** Padded with spaces to a multiple of 8 bytes, so that the tensors are aligned. */
function encodeHeader(tensors: ReadonlyMap<string, TensorData>): Buffer {
  const entries: [string, object][] = [["__metadata__", { format: "pt" }]];
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    const size = shape.reduce((product, length) => product * length, 1);
    if (size !== data.length) {
      throw new InternalError(`tensor "${name}" of shape [${shape.join(", ")}] has ${data.length} values`, {
        code: "tensor-shape",
      });
    }
    entries.push([name, { dtype: "F32", shape, data_offsets: [offset, offset + data.byteLength] }]);
    offset += data.byteLength;
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  return Buffer.concat([json, Buffer.alloc(-json.length & 7, " ")]);
}

/** One call to the system reads or writes at most 2 GiB. */
const CHUNK_BYTES = 2 ** 30;

function readBytes(
  path: string,
  file: number,
  { position, length }: { position: number; length: number },
): ArrayBuffer {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const read = readSync(file, bytes, done, Math.min(CHUNK_BYTES, length - done), position + done);
    if (read === 0) {
      throw brokenSafetensors(path, `it became shorter while it was read: no byte at ${position + done}`);
    }
    done += read;
  }
  return bytes.buffer;
}

function writeAll(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(file, bytes, done, Math.min(CHUNK_BYTES, bytes.length - done));
  }
}
