/**
 * The JSON header of a safetensors file: which tensor lies where. As the format demands, the tensors fill the rest of the
 * file without gaps or overlaps, so a file that was cut or put together wrongly is found before any value is read.
 */
import { z } from "zod";
import { UserError } from "../errors.ts";
import { STORED_TYPES, type StoredType, bytesPerValue, isStoredType } from "./stored-values.ts";

export interface StoredTensor {
  readonly name: string;
  readonly dtype: StoredType;
  readonly shape: readonly number[];
  /** From the file's first byte. */
  readonly start: number;
  readonly numBytes: number;
}

const size = z.number().int().nonnegative();
const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(size),
  data_offsets: z.tuple([size, size]),
});

export function parseHeader(
  header: Uint8Array,
  { path, dataStart, fileSize }: { path: string; dataStart: number; fileSize: number },
): StoredTensor[] {
  const tensors = Object.entries(parseJson(header, path))
    .filter(([name]) => name !== "__metadata__")
    .map(([name, entry]) => toStoredTensor(name, entry, { path, dataStart }));
  checkLayout(tensors, { path, dataStart, fileSize });
  return tensors;
}

function parseJson(header: Uint8Array, path: string): object {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(header));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Falls through to the one message below.
  }
  throw brokenSafetensors(path, "its header is not a JSON object");
}

function toStoredTensor(
  name: string,
  value: unknown,
  { path, dataStart }: { path: string; dataStart: number },
): StoredTensor {
  const entry = entrySchema.safeParse(value);
  if (!entry.success) {
    throw brokenSafetensors(path, `the header's entry for "${name}" is not {dtype, shape, data_offsets}`);
  }
  const { dtype, shape, data_offsets: offsets } = entry.data;
  if (!isStoredType(dtype)) {
    throw new UserError(
      `${path}: "${name}" is stored as ${dtype}; Tuna reads ${STORED_TYPES.join(", ")}. Convert the weights first.`,
      { code: "safetensors-dtype", facts: { path, name, dtype } },
    );
  }
  const numBytes = shape.reduce((product, length) => product * length, 1) * bytesPerValue(dtype);
  if (offsets[1] - offsets[0] !== numBytes) {
    throw brokenSafetensors(
      path,
      `"${name}" of shape [${shape.join(", ")}] needs ${numBytes} bytes as ${dtype}, the header gives it ${offsets[1] - offsets[0]}`,
    );
  }
  return { name, dtype, shape, start: dataStart + offsets[0], numBytes };
}

function checkLayout(
  tensors: readonly StoredTensor[],
  { path, dataStart, fileSize }: { path: string; dataStart: number; fileSize: number },
): void {
  let end = dataStart;
  for (const { name, start, numBytes } of tensors.toSorted(byPlace)) {
    if (start !== end) {
      const what =
        start < end ? "overlaps the tensor before it" : `leaves ${start - end} unused bytes before it`;
      throw brokenSafetensors(path, `"${name}" starts at byte ${start} and ${what}`);
    }
    end += numBytes;
  }
  if (fileSize < end) {
    throw brokenSafetensors(path, `truncated: its tensors end at byte ${end}, the file has ${fileSize}`);
  }
  if (fileSize > end) {
    throw brokenSafetensors(path, `its tensors end at byte ${end}, but the file goes on to ${fileSize}`);
  }
}

/** Empty tensors first where several start at one place. */
function byPlace(a: StoredTensor, b: StoredTensor): number {
  return a.start - b.start || a.numBytes - b.numBytes;
}

export function brokenSafetensors(path: string, what: string): UserError {
  return new UserError(`${path}: ${what}. Download or write the file again.`, {
    code: "safetensors-broken",
    facts: { path },
  });
}
