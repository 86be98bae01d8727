/** What the order of the answers did: the outcomes of each order, and how far they agree. */
import { type BothOrders, type Outcomes, bothOrders } from "../audit/both-orders.ts";
import type { ItemVerdict, JudgedItem } from "../audit/judged-item.ts";
import { type ReviewOrder, countOutcomes, outcomeOf } from "./outcome.ts";
import { orderName, scoreOf } from "./review.ts";
import type { ReviewedQuestion } from "./reviewed.ts";

export interface OrderCounts {
  order1: Outcomes | null;
  order2: Outcomes | null;
  /** Questions that were read in both orders, and of these the same outcome in both, and the winner where it stood first, or second, in both. */
  pairs: number;
  consistent: number | null;
  alwaysFirst: number | null;
  alwaysSecond: number | null;
}

/** Null where each answer was graded alone. */
export function countOrders(questions: readonly ReviewedQuestion[], orders: ReviewOrder): OrderCounts | null {
  const shown = orders.filter(({ length }) => length === 2);
  if (shown.length === 0) return null;
  if (shown.length === 2) {
    const [both] = bothOrders(questions.map(asJudgedItem), JUDGE);
    return withBothOrders(both);
  }
  const name = orderName(shown[0]!);
  const { win, lose, tie } = countOutcomes(questions.map((question) => outcomeOf(question, shown)));
  return { ...NO_ORDERS, [name]: { win, tie, lose } };
}

const NO_ORDERS: OrderCounts = {
  order1: null,
  order2: null,
  pairs: 0,
  consistent: null,
  alwaysFirst: null,
  alwaysSecond: null,
};

function withBothOrders(both: BothOrders | undefined): OrderCounts {
  if (both === undefined) return NO_ORDERS;
  const { order1, order2, pairs, consistent, alwaysFirst, alwaysSecond } = both;
  return { order1, order2, pairs, consistent, alwaysFirst, alwaysSecond };
}

const JUDGE = "judge";

/** As the audit of a judge has them: the lower the rank, the better. */
function asJudgedItem({ id, category, reviews }: ReviewedQuestion): JudgedItem {
  const verdicts = reviews.flatMap((review): ItemVerdict[] => {
    const ranks = [0, 1].map((answer) => {
      const score = scoreOf(review, answer);
      return score === undefined ? undefined : -score;
    });
    return review.shown.length === 2 ? [{ judge: JUDGE, order: review.shown, ranks }] : [];
  });
  return {
    id,
    group: category,
    numResponses: 2,
    texts: undefined,
    sources: undefined,
    verdicts,
    failures: 0,
  };
}
