/** Text files, plain or gzipped: read as a stream, written whole or not at all. */
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { UserError } from "../errors.ts";
import { Utf8Decoder } from "./utf8.ts";

/** Bytes of a read, characters of a write. */
export const BLOCK_SIZE = 1 << 16;

/** The text in pieces. What `*.gz` holds, and what begins as gzip does, is unpacked. */
export async function* readText(path: string): AsyncGenerator<string> {
  const decoder = new Utf8Decoder();
  const file = createReadStream(path, { highWaterMark: BLOCK_SIZE });
  try {
    for await (const chunk of unpacked(file, path)) yield decoder.next(chunk);
    yield decoder.end();
  } catch (error) {
    throw fileError(path, "read", error);
  } finally {
    file.destroy();
  }
}

/**
 * Writes to a temporary file beside `path` and renames it once all is there, so that nobody reads half a file; `*.gz` is
 * packed. Missing folders are made. A device or a pipe (`/dev/stdout`) is written directly. What `blocks` throws passes
 * through.
 */
export async function writeText(path: string, blocks: AsyncIterable<string>): Promise<void> {
  await writeWhole(path, async (target, isFile) => {
    const gzip = path.endsWith(".gz") ? [createGzip()] : [];
    await pipeline([Readable.from(blocks), ...gzip, createWriteStream(target, { flush: isFile })]);
  });
}

/** As `writeText`, for whoever writes the file itself; `isFile` is false for a device or a pipe. */
export async function writeWhole(
  path: string,
  write: (target: string, isFile: boolean) => Promise<void>,
): Promise<void> {
  const isFile = !(await isDeviceOrPipe(path));
  const target = isFile ? `${path}.${process.pid}.tmp` : path;
  try {
    await mkdir(dirname(path), { recursive: true });
    await write(target, isFile);
    if (isFile) await rename(target, path);
  } catch (error) {
    // What made the writing fail may make this fail too, and is what the user should hear of.
    if (isFile) await rm(target, { force: true }).catch(() => {});
    throw isSystemError(error) ? fileError(path, "written", error) : error;
  }
}

export function fileError(path: string, action: "read" | "written", cause: unknown): UserError {
  const code = action === "read" && isSystemError(cause) ? cause.code : undefined;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new UserError(`${path} cannot be ${action}: ${READ_FAILURES[code ?? ""] ?? message}`, {
    code: action === "read" ? "file-unreadable" : "file-unwritable",
    facts: { path },
    cause,
  });
}

const READ_FAILURES: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
};

async function* unpacked(file: Readable, path: string): AsyncGenerator<Buffer> {
  const chunks = (file as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) return;
  const all = async function* (): AsyncGenerator<Buffer> {
    yield first.value;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  };
  const isGzip = path.endsWith(".gz") || (first.value[0] === 0x1f && first.value[1] === 0x8b);
  const packed = Readable.from(all(), { objectMode: false });
  yield* isGzip ? gunzipped(packed) : (packed as AsyncIterable<Buffer>);
}

function gunzipped(packed: Readable): AsyncIterable<Buffer> {
  const gunzip = packed.pipe(createGunzip());
  packed.on("error", (error) => gunzip.destroy(error));
  return gunzip as AsyncIterable<Buffer>;
}

/** Renaming a file over `/dev/null` or `/dev/stdout` would replace the device. */
async function isDeviceOrPipe(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
