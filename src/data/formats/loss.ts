/** What a format does not keep of a record, found by reading back what is written. */
import { isDeepStrictEqual } from "node:util";
import type { InstructionRow, RankedList, RankedResponse } from "../record.ts";
import type { Format, Values } from "./format.ts";

/** Fields such as `original` or `responses.logprob`; empty where nothing is lost. */
export function lossOf(
  record: InstructionRow | RankedList,
  format: Format,
  rows: readonly Values[],
): string[] {
  if (rows[0] === (record as object)) return [];
  const back = readBack(format, rows);
  // Pairs of a list that is not ranked, say: nothing is left.
  if (back === undefined) return ["responses"];
  const fields = Object.keys(record).filter((key) => key !== "id" && key !== "responses");
  const lost = fields.filter((key) => differs(record, back, key));
  if (!("responses" in record)) return lost;
  const { responses } = record as RankedList;
  return [...lost, ...lossOfResponses(responses, (back as RankedList).responses)];
}

function readBack(format: Format, rows: readonly Values[]): object | undefined {
  const read = rows.map((row) => format.row.safeParse(row).data);
  if (read.length === 0 || read.includes(undefined)) return undefined;
  if (format.holds === "instructions" || format.merge === undefined) return read[0];
  return format.merge(read as RankedList[]);
}

function lossOfResponses(before: readonly RankedResponse[], after: readonly RankedResponse[]): string[] {
  const byText = new Map(after.map((response) => [response.text, response]));
  const lost = new Set<string>();
  for (const response of before) {
    const kept = byText.get(response.text);
    if (kept === undefined) lost.add("responses");
    else {
      const keys = Object.keys(response).filter((key) => differs(response, kept, key));
      for (const key of keys) lost.add(`responses.${key}`);
    }
  }
  return [...lost];
}

function differs(before: object, after: object, key: string): boolean {
  const [was, is] = [before, after].map((record) => (record as Record<string, unknown>)[key]);
  return was !== undefined && !isDeepStrictEqual(was, is);
}
