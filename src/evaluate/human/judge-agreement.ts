/** How far judges' verdicts on the same answers agree with the annotators. */
import { type HumanAgreement, humanAgreement } from "../audit/human-agreement.ts";
import { type JudgedItem, judgesOf, verdictsOf } from "../audit/judged-item.ts";
import { UserError } from "../../errors.ts";
import type { BootstrapOptions } from "../statistics/statistics.ts";
import type { RankedQuestion } from "./collect-rankings.ts";

export interface JudgeAgreement {
  readonly judge: string;
  /** Undefined where it judged none of the ranked questions. */
  readonly agreement: HumanAgreement | undefined;
}

export interface JudgedBy {
  /** Where the verdicts were read from, for errors. */
  readonly path: string;
  readonly items: readonly JudgedItem[];
}

/**
 * Verdicts find their question by id, and their responses the system by `source`, or by their order where none has one. Throws a
 * `UserError` where they are of other questions or systems.
 */
export function judgeAgreement(
  questions: readonly RankedQuestion[],
  { path, items }: JudgedBy,
  { systems, ...bootstrap }: BootstrapOptions & { systems: readonly string[] },
): JudgeAgreement[] {
  const byId = new Map(questions.map((question) => [question.id, question]));
  const judged = items.filter(({ id }) => byId.has(id));
  if (judged.length === 0) {
    throw new UserError(
      `${path}: none of its ${items.length} items has the id of a ranked question. Judge the answers.jsonl that was written with the sheets.`,
      { code: "human-judge-unrelated", facts: { path } },
    );
  }
  const human = new Map(
    judged.map((item) => {
      const order = systemsOf(item, systems, path);
      const rankings = byId.get(item.id)!.rankings.map(({ places }) => order.map((index) => places[index]!));
      return [item.id, rankings];
    }),
  );
  return judgesOf(judged).map((judge) => ({
    judge,
    agreement: humanAgreement(
      judged,
      { human, rankingsOf: (item) => verdictsOf(item, judge).map(({ ranks }) => ranks) },
      bootstrap,
    ),
  }));
}

/** By response: which of the systems it is of. */
function systemsOf(item: JudgedItem, systems: readonly string[], path: string): number[] {
  const sources = item.sources ?? [];
  const named = sources.some((source) => source !== undefined);
  const order = named ? sources.map((source) => systems.indexOf(source ?? "")) : [...systems.keys()];
  const isComplete = new Set(order).size === systems.length && order.every((index) => index >= 0);
  if (item.numResponses === systems.length && order.length === systems.length && isComplete) return order;
  const found = named
    ? sources.map((source) => source ?? "none").join(", ")
    : `${item.numResponses} without source`;
  throw new UserError(
    `${path}, id ${item.id}: expected one response of each of ${systems.join(", ")}, found ${found}.`,
    { code: "human-judge-systems", facts: { path, id: item.id } },
  );
}
