/** The rows that a stage will get: those that are there, or, where an earlier stage has still to make them, stand-ins. */
import { existsSync } from "node:fs";
import { readInstructionRows, readRankedLists } from "../data/read-examples.ts";
import type { InstructionRow, RankedList } from "../data/record.ts";
import { UserError } from "../errors.ts";
import type { Length, RowsAhead } from "./cost-outlook.ts";
import { type PlannedStage, optionsOf } from "./plan.ts";

type Format = Parameters<typeof readInstructionRows>[1];

export function rowsAhead(plan: readonly PlannedStage[]): RowsAhead {
  const makerOf = (path: string): PlannedStage => {
    const maker = plan.find(({ output }) => output === path);
    if (maker !== undefined) return maker;
    throw unforeseen(`${path} is not there yet, and no stage says how many rows it will hold`);
  };
  const dataOf = (maker: PlannedStage): { data: string; format: Format } => {
    const { data, format } = optionsOf(maker) as { data?: unknown; format?: string };
    if (typeof data !== "string")
      throw unforeseen(`its rows come from ${maker.name}, which has not run yet; run that first`);
    return { data, format: (format === undefined ? {} : { format }) as Format };
  };

  const ahead: RowsAhead = {
    async rows(path) {
      if (existsSync(path)) return readInstructionRows(path);
      return ahead.rows(dataOf(makerOf(path)).data);
    },
    async lists(path, length) {
      if (existsSync(path)) return readRankedLists(path);
      const maker = makerOf(path);
      const { data } = dataOf(maker);
      if (maker.stage.kind !== "sample") return ahead.lists(data, length);
      return (await ahead.rows(data)).map((row, index) => standIn(row, index, { maker, length }));
    },
  };
  return ahead;
}

const CHARACTERS_PER_TOKEN = 4;

/** As many different responses as will be sampled. */
function standIn(
  { id, instruction, input, output }: InstructionRow,
  index: number,
  { maker, length }: { maker: PlannedStage; length: Length },
): RankedList {
  const { n, maxTokens } = optionsOf(maker) as { n: number; maxTokens: number };
  const text = { low: "", expected: output, high: "x".repeat(maxTokens * CHARACTERS_PER_TOKEN) }[length];
  const responses = Array.from({ length: n }, (_, number) => ({ text: `${text}${number}` }));
  return { id: id ?? String(index), instruction, input, original: output, responses };
}

function unforeseen(message: string): UserError {
  return new UserError(message, { code: "rows-unforeseen" });
}
