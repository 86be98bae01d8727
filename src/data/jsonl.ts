/** JSON Lines files (`*.jsonl`, `*.jsonl.gz`): read as a stream, written whole or not at all. Errors name file and line. */
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import type { z } from "zod";
import { UserError } from "../errors.ts";
import { Utf8Decoder } from "./utf8.ts";

const BLOCK_SIZE = 1 << 16;

/**
 * Yields each row of the file, checked by the schema. A byte order mark, CRLF line ends and blank lines are accepted.
 * Throws a `UserError` at the first line that does not fit the schema, or when the file cannot be read.
 */
export async function* readJsonLines<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): AsyncGenerator<z.output<Schema>> {
  let line = 0;
  for await (const text of readLines(path)) {
    line++;
    if (text.trim() !== "") yield checkRow(parseLine(text, { path, line }), schema, { path, line });
  }
}

/** All rows of the file in memory. */
export async function readAllJsonLines<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.output<Schema>[]> {
  const rows: z.output<Schema>[] = [];
  for await (const row of readJsonLines(path, schema)) rows.push(row);
  return rows;
}

/**
 * Writes to a temporary file beside `path` and renames it once all rows are there, so that nobody reads half a file.
 * Missing folders are made. A device or a pipe (`/dev/stdout`) is written directly. What `rows` throws passes through.
 */
export async function writeJsonLines(
  path: string,
  rows: Iterable<unknown> | AsyncIterable<unknown>,
): Promise<void> {
  const direct = await isDeviceOrPipe(path);
  const target = direct ? path : `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const gzip = path.endsWith(".gz") ? [createGzip()] : [];
    await pipeline([Readable.from(jsonBlocks(rows)), ...gzip, createWriteStream(target, { flush: !direct })]);
    if (!direct) await rename(target, path);
  } catch (error) {
    // What made the writing fail may make this fail too, and is what the user should hear of.
    if (!direct) await rm(target, { force: true }).catch(() => {});
    throw isSystemError(error) ? fileError(path, "written", error) : error;
  }
}

/**
 * Splits at line feeds only: `node:readline` also splits at U+2028, which JSON strings may hold as it is.
 */
async function* readLines(path: string): AsyncGenerator<string> {
  let pending = "";
  for await (const chunk of readText(path)) {
    const lines = chunk.split("\n");
    lines[0] = pending + lines[0]!;
    pending = lines.pop()!;
    yield* lines;
  }
  yield pending;
}

async function* readText(path: string): AsyncGenerator<string> {
  const decoder = new Utf8Decoder();
  const file = createReadStream(path, { highWaterMark: BLOCK_SIZE });
  const content = path.endsWith(".gz") ? file.pipe(createGunzip()) : file;
  file.on("error", (error) => content.destroy(error));
  const chunks: AsyncIterable<Buffer> = content;
  try {
    for await (const chunk of chunks) yield decoder.next(chunk);
    yield decoder.end();
  } catch (error) {
    throw fileError(path, "read", error);
  } finally {
    file.destroy();
  }
}

const ARRAY_HINT = "this looks like one JSON array; expected is one JSON object a line";

interface Place {
  path: string;
  line: number;
}

function parseLine(text: string, { path, line }: Place): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const hint = text.trimStart().startsWith("[") ? `; ${ARRAY_HINT}` : "";
    throw new UserError(`${path}, line ${line}: not JSON: ${messageOf(cause)}${hint}`, {
      code: "jsonl-not-json",
      facts: { path, line },
      cause,
    });
  }
}

function checkRow<Schema extends z.ZodType>(
  value: unknown,
  schema: Schema,
  { path, line }: Place,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const field = issue.path.join(".");
  const where = field === "" ? `line ${line}` : `line ${line}, field ${field}`;
  const message = Array.isArray(value) ? ARRAY_HINT : issue.message.replace(/^Invalid input: /, "");
  throw new UserError(`${path}, ${where}: ${message}`, {
    code: "jsonl-row-invalid",
    facts: { path, line, field },
    cause: result.error,
  });
}

/** Whole lines, gathered to blocks: one write for each row would be slow. */
async function* jsonBlocks(rows: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<string> {
  let block = "";
  for await (const row of rows) {
    block += `${JSON.stringify(row)}\n`;
    if (block.length < BLOCK_SIZE) continue;
    yield block;
    block = "";
  }
  yield block;
}

/** Renaming a file over `/dev/null` or `/dev/stdout` would replace the device. */
async function isDeviceOrPipe(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

function fileError(path: string, action: "read" | "written", cause: unknown): UserError {
  const code = action === "read" && isSystemError(cause) ? cause.code : undefined;
  const reason = READ_FAILURES[code ?? ""] ?? messageOf(cause);
  return new UserError(`${path} cannot be ${action}: ${reason}`, {
    code: action === "read" ? "jsonl-unreadable" : "jsonl-unwritable",
    facts: { path },
    cause,
  });
}

const READ_FAILURES: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
};

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
