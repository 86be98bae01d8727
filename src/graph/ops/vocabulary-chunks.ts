/**
 * A vocabulary in equal chunks, and the rows of a weight [vocabulary, width] so cut, as the steps of an ONNX Scan: what is
 * computed of a chunk never exists for the whole vocabulary. Where a vocabulary has no fitting divisor, the Scan's last chunk
 * begins in the one before; `first` says from which row on a chunk's rows are its own.
 */
import type { BodyValue, NodeLowering, OnnxEmitter } from "../lowering-context.ts";

export interface VocabularyChunks {
  readonly count: number;
  /** Of the weight, in each chunk; columns of logits. */
  readonly rows: number;
  /** By how much the chunks together are longer than the vocabulary. */
  readonly overlap: number;
}

export function vocabularyChunks(vocabulary: number, maxRows: number): VocabularyChunks {
  const fewest = Math.ceil(vocabulary / maxRows);
  const counts = Array.from({ length: fewest }, (_, index) => fewest + index);
  const count = counts.find((each) => vocabulary % each === 0) ?? fewest;
  const rows = Math.ceil(vocabulary / count);
  return { count, rows, overlap: count * rows - vocabulary };
}

/** What a step of the Scan has. */
export interface Chunk {
  /** Of the weight: [rows, width]. */
  readonly rows: string;
  /** Row of the weight at which the chunk starts, the first that is its own, and the one after its last: [1] each, int32. */
  readonly start: string;
  readonly first: string;
  readonly end: string;
  /** [1], int32. */
  readonly zero: string;
  /** [rows], added to logits: masks rows that are not the chunk's own, where there are any. */
  readonly mask: string | undefined;
}

export interface ScannedVocabulary {
  /** The Scan's inputs. */
  readonly scanned: readonly string[];
  readonly bodyInputs: readonly BodyValue[];
  readonly chunk: (body: OnnxEmitter) => Chunk;
  /** Makes `output` [vocabulary, width] of what each chunk has for its rows, [chunks, rows, width]. */
  readonly join: (stacked: string, output: string) => void;
}

/** Added to a logit, leaves it no share beside others. */
const MASKED = -1e30;

/** Of the weight, the second input of a node, which has no other Scan. */
export function scanVocabulary(context: NodeLowering, maxRows: number): ScannedVocabulary {
  const { constant, inputs, inputTypes, outputs } = context;
  const name = `${outputs[0]!}/vocabulary`;
  const vocabulary = inputTypes[1]!.shape[0] as number;
  const chunks = vocabularyChunks(vocabulary, maxRows);
  const { count, rows, overlap } = chunks;
  const first = Array.from({ length: count }, (_, index) => index * rows);
  const start = first.map((row) => Math.min(row, vocabulary - rows));
  const end = start.map((row) => row + rows);
  for (const [key, values] of Object.entries({ start, first, end }))
    constant(`${name}/${key}`, [count, 1], Int32Array.from(values));
  constant(`${name}/zero`, [1], Int32Array.of(0));
  if (overlap > 0) {
    const mask = new Float32Array(count * rows);
    constant(`${name}/mask`, [count, rows], mask.fill(MASKED, first.at(-1), first.at(-1)! + overlap));
  }
  const keys = ["start", "first", "end", ...(overlap > 0 ? ["mask"] : [])];
  const one = (key: string): string => `${name}/${key}/one`;
  return {
    scanned: keys.map((key) => `${name}/${key}`),
    bodyInputs: keys.map((key) => ({
      name: one(key),
      dtype: key === "mask" ? "float32" : "int32",
      rank: 1,
    })),
    chunk: (body) => ({
      rows: body.emit("Slice", [inputs[1]!, one("start"), one("end"), `${name}/zero`]),
      start: one("start"),
      first: one("first"),
      end: one("end"),
      zero: `${name}/zero`,
      mask: overlap > 0 ? one("mask") : undefined,
    }),
    join: (stacked, output) => joinChunks(context, chunks, { stacked, output }),
  };
}

/** [chunks, rows, width] -> [vocabulary, width], without what the last chunk repeats of the one before. */
function joinChunks(
  { emit, integers, inputTypes }: NodeLowering,
  { count, rows, overlap }: VocabularyChunks,
  { stacked, output }: { stacked: string; output: string },
): void {
  const shape = integers([count * rows, inputTypes[1]!.shape[1] as number]);
  if (overlap === 0) return void emit("Reshape", [stacked, shape], { outputs: [output] });
  const all = emit("Reshape", [stacked, shape]);
  const cut = (from: number, to: number): string =>
    emit("Slice", [all, integers([from]), integers([to]), integers([0])]);
  const last = (count - 1) * rows;
  const parts = [cut(0, last), cut(last + overlap, count * rows)];
  emit("Concat", parts, { attributes: { axis: { int: 0 } }, outputs: [output] });
}
