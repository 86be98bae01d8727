/** What each question got, one row a question. */
import { UserError } from "../../errors.ts";
import { type Outcome, ordersOf, outcomeOf, reviewOf } from "./outcome.ts";
import { orderName, scoreOf } from "./review.ts";
import type { ReviewedQuestion } from "./reviewed.ts";

export interface QuestionDetails {
  id: string;
  category: string;
  outcome: Outcome;
  /** By order: the scores of answer 1 and answer 2, in this order whatever was shown first; null where there is none. */
  scores: Record<string, (number | null)[] | null>;
  /** By order: `stored`, `parsed`, `fallback`, or why it failed. */
  readings: Record<string, string>;
  /** In characters, of answer 1 and answer 2. */
  lengths?: (number | null)[];
}

/** In the order of the questions. */
export function questionDetails(questions: readonly ReviewedQuestion[]): QuestionDetails[] {
  const orders = ordersOf(questions);
  return questions.map((question) => {
    const reviews = orders.map((shown) => ({ name: orderName(shown), review: reviewOf(question, shown) }));
    const { id, category, answers } = question;
    return {
      id,
      category,
      outcome: outcomeOf(question, orders),
      scores: Object.fromEntries(
        reviews.map(({ name, review }) => [
          name,
          review === undefined || review.reading.how === "failed"
            ? null
            : [0, 1].map((answer) => scoreOf(review, answer) ?? null),
        ]),
      ),
      readings: Object.fromEntries(
        reviews.map(({ name, review }) => {
          if (review === undefined) return [name, "there is no review"];
          const { reading } = review;
          return [name, reading.how === "failed" ? `failed: ${reading.reason}` : reading.how];
        }),
      ),
      ...(answers.length > 0 && { lengths: answers.map((answer) => answer?.length ?? null) }),
    };
  });
}

/** Throws a `UserError` with the first reason where every question failed. */
export function refuseAllFailed(questions: readonly ReviewedQuestion[]): void {
  const details = questionDetails(questions);
  const [first] = details;
  if (first === undefined || details.some(({ outcome }) => outcome !== "failed")) return;
  const reason =
    Object.values(first.readings).find((reading) => reading.startsWith("failed")) ??
    "failed: a review is missing";
  throw new UserError(
    `None of the ${details.length} questions could be judged; the first: question ${first.id}: ${reason}.`,
    { code: "nothing-judged" },
  );
}
