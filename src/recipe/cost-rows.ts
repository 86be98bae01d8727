/** The rows that a stage will get: those that are there, or, where an earlier stage has still to make them, stand-ins. */
import { existsSync } from "node:fs";
import { Readable } from "node:stream";
import { readInstructionRows, readRankedLists } from "../data/read-examples.ts";
import type { ReadOptions } from "../data/read-rows.ts";
import type { InstructionRow, RankedList, RankedResponse } from "../data/record.ts";
import { type Choice, chooseRows } from "../data/sample-rows.ts";
import { UserError } from "../errors.ts";
import type { Length, RowsAhead } from "./cost-outlook.ts";
import { type PlannedStage, optionsOf } from "./plan.ts";

export function rowsAhead(plan: readonly PlannedStage[]): RowsAhead {
  const makerOf = (path: string): PlannedStage => {
    const maker = plan.find(({ output }) => output === path);
    if (maker !== undefined) return maker;
    throw unforeseen(`${path} is not there yet, and no stage says how many rows it will hold`);
  };
  const ahead: RowsAhead = {
    async rows(path, reading) {
      if (existsSync(path)) return readInstructionRows(path, reading);
      const maker = makerOf(path);
      const { data, format } = dataOf(maker);
      return chosenBy(maker, await ahead.rows(data, { format }));
    },
    async lists(path, length, reading) {
      if (existsSync(path)) return readRankedLists(path, reading);
      const maker = makerOf(path);
      const { data, format } = dataOf(maker);
      if (maker.stage.kind !== "sample") return chosenBy(maker, await ahead.lists(data, length, { format }));
      const invented = inventResponses(maker);
      const rows = await ahead.rows(data, { format });
      return rows.map((row, index) => standIn(row, index, invented[length]));
    },
  };
  return ahead;
}

function dataOf(maker: PlannedStage): { data: string; format: ReadOptions["format"] } {
  const { data, format } = optionsOf(maker) as { data?: unknown; format?: ReadOptions["format"] };
  if (typeof data === "string") return { data, format };
  throw unforeseen(`its rows come from ${maker.name}, which has not run yet; run that first`);
}

/** The very rows that `data sample` will choose. Of other stages all are taken to come out, which is the most there can be. */
async function chosenBy<T>({ stage, ...planned }: PlannedStage, rows: readonly T[]): Promise<readonly T[]> {
  if (stage.kind !== "data sample") return rows;
  const choice = optionsOf({ stage, ...planned }) as unknown as Choice;
  const chosen: T[] = [];
  for await (const row of chooseRows(Readable.from(rows), choice)) chosen.push(row as T);
  return chosen;
}

const CHARACTERS_PER_TOKEN = 4;

/** As many different responses as will be sampled, for all rows the same: they may be long. */
type Invented = Readonly<Record<Length, (original: string) => RankedResponse[]>>;

function inventResponses(maker: PlannedStage): Invented {
  const { n, maxTokens } = optionsOf(maker) as { n: number; maxTokens: number };
  const numbered = (text: string): RankedResponse[] =>
    Array.from({ length: n }, (_, number) => ({ text: `${text}${number}` }));
  const [low, high] = [numbered(""), numbered("x".repeat(maxTokens * CHARACTERS_PER_TOKEN))];
  return { low: () => low, expected: numbered, high: () => high };
}

function standIn(
  { id, instruction, input, output }: InstructionRow,
  index: number,
  responsesTo: Invented[Length],
): RankedList {
  return { id: id ?? String(index), instruction, input, original: output, responses: responsesTo(output) };
}

function unforeseen(message: string): UserError {
  return new UserError(message, { code: "rows-unforeseen" });
}
