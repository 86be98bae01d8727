/** The audit of one or several judges: what their verdicts show of their biases and of how far they can be trusted. */
import { type Agreement, agreement } from "./agreement.ts";
import { type BothOrders, bothOrders } from "./both-orders.ts";
import {
  type AnnotatorAgreement,
  type HumanAgreement,
  annotatorAgreement,
  humanAgreement,
} from "./human-agreement.ts";
import { type JudgedItem, type Ranks, judgesOf, meanRanks, verdictsOf } from "./judged-item.ts";
import { type LengthBias, lengthBias } from "./length-bias.ts";
import { type PositionBias, positionBias } from "./position-bias.ts";
import type { HumanRanks } from "./read-human-ranks.ts";
import { type SelfPreference, selfPreference } from "./self-preference.ts";
import type { BootstrapOptions } from "../statistics/statistics.ts";

export interface JudgeAudit {
  items: number;
  verdicts: number;
  /** Judges' replies that could not be read. */
  failures: number;
  judges: AuditedJudge[];
  /** Between the judges, each with its mean over the orders it was asked in; undefined for one judge. */
  acrossJudges: Agreement | undefined;
  /** All judges' verdicts together against people; undefined for one judge, and without people. */
  allJudges: HumanAgreement | undefined;
  people: AuditedPeople | undefined;
}

export interface AuditedJudge {
  judge: string;
  items: number;
  verdicts: number;
  position: PositionBias[];
  bothOrders: BothOrders[];
  length: LengthBias | undefined;
  self: SelfPreference | undefined;
  /** Among the orders in which it was asked. */
  acrossPermutations: Agreement | undefined;
  human: HumanAgreement | undefined;
}

export interface AuditedPeople {
  items: number;
  length: LengthBias | undefined;
  agreement: AnnotatorAgreement | undefined;
}

export interface AuditOptions extends BootstrapOptions {
  human?: HumanRanks | undefined;
}

export function auditJudges(items: readonly JudgedItem[], { human, ...bootstrap }: AuditOptions): JudgeAudit {
  const names = judgesOf(items);
  const allRanks = (item: JudgedItem): Ranks[] => item.verdicts.map(({ ranks }) => ranks);
  const several = names.length > 1;
  return {
    items: items.length,
    verdicts: sum(items.map(({ verdicts }) => verdicts.length)),
    failures: sum(items.map(({ failures }) => failures)),
    judges: names.map((judge) => auditOne(judge, items, { human, ...bootstrap })),
    acrossJudges: several
      ? agreement(
          items.map((item) => names.flatMap((judge) => meanOfJudge(item, judge))),
          bootstrap,
        )
      : undefined,
    allJudges:
      several && human ? humanAgreement(items, { human, rankingsOf: allRanks }, bootstrap) : undefined,
    people: human && {
      items: human.size,
      length: lengthBias(items, (item) => human.get(item.id) ?? [], bootstrap),
      agreement: annotatorAgreement(human, bootstrap),
    },
  };
}

function auditOne(
  judge: string,
  items: readonly JudgedItem[],
  { human, ...bootstrap }: AuditOptions,
): AuditedJudge {
  const rankingsOf = (item: JudgedItem): Ranks[] => verdictsOf(item, judge).map(({ ranks }) => ranks);
  const othersOf = (item: JudgedItem): readonly Ranks[] => {
    const others = item.verdicts.filter((verdict) => verdict.judge !== judge).map(({ ranks }) => ranks);
    return others.length > 0 ? others : (human?.get(item.id) ?? []);
  };
  const judged = items.filter((item) => rankingsOf(item).length > 0);
  return {
    judge,
    items: judged.length,
    verdicts: sum(judged.map((item) => rankingsOf(item).length)),
    position: positionBias(judged, judge, bootstrap),
    bothOrders: bothOrders(judged, judge),
    length: lengthBias(judged, rankingsOf, bootstrap),
    self: selfPreference(
      {
        items: judged,
        judge,
        otherJudges: judgesOf(items).filter((name) => name !== judge),
        rankingsOf: (item) => ({ own: rankingsOf(item), others: othersOf(item) }),
      },
      bootstrap,
    ),
    acrossPermutations: agreement(judged.map(rankingsOf), bootstrap),
    human: human && humanAgreement(judged, { human, rankingsOf }, bootstrap),
  };
}

/** None where it gave no verdict. */
function meanOfJudge(item: JudgedItem, judge: string): Ranks[] {
  const rankings = verdictsOf(item, judge).map(({ ranks }) => ranks);
  return rankings.length === 0 ? [] : [meanRanks(rankings)];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
