/** Questions with their answers and reviews: what all figures are computed from. */
import { UserError } from "../../errors.ts";
import type { Answers } from "./answers.ts";
import { type VicunaQuestion, categoryOfNumber } from "./questions.ts";
import type { Review } from "./review.ts";
import type { StoredReview } from "./reviews-file.ts";

export interface ReviewedQuestion {
  readonly id: string;
  readonly category: string;
  /** Undefined where only reviews are known. */
  readonly question: string | undefined;
  /** Of the two answers; undefined where they are not known. */
  readonly answers: readonly (string | undefined)[];
  /** At most one for each order. */
  readonly reviews: readonly Review[];
}

export interface Material {
  readonly questions?: readonly VicunaQuestion[] | undefined;
  readonly answers?: readonly Answers[] | undefined;
}

/** Of a question set: in its order. Of reviews alone: in theirs, with the categories of FastChat's numbers. */
export function withReviews(
  reviews: readonly Review[],
  { questions, answers = [] }: Material,
): ReviewedQuestion[] {
  const byId = new Map<string, Review[]>();
  for (const review of reviews) byId.set(review.id, [...(byId.get(review.id) ?? []), review]);
  const known = new Map(questions?.map((question) => [question.id, question]));
  return [...byId].map(([id, ofQuestion]) => ({
    id,
    category: known.get(id)?.category ?? categoryOfNumber(id) ?? "unknown",
    question: known.get(id)?.text,
    answers: answers.map((each) => each.get(id)?.text),
    reviews: ofQuestion,
  }));
}

/** Several files of one pair of answers: each gets its place by what it says was shown, or by the answers' ids. */
export function mergeReviews(
  files: readonly { readonly path: string; readonly reviews: readonly StoredReview[] }[],
  { questions, answers }: Material,
): StoredReview[] {
  const merged = new Map<string, StoredReview>();
  const firstIds = new Map<string, StoredReview["answerIds"]>();
  const known = questions && new Set(questions.map(({ id }) => id));
  const [{ grading }] = files[0]!.reviews as readonly [StoredReview];
  for (const { path, reviews } of files) {
    for (const review of reviews) {
      const { id } = review;
      if (known?.has(id) === false)
        throw refusal(path, id, "is not among the questions; give those that were answered with --data");
      if (review.grading !== grading)
        throw refusal(path, id, `was graded as ${review.grading}, others as ${grading}`);
      const placed = isExchanged(review, firstIds.get(id)) ? { ...review, shown: [1, 0] } : review;
      if (review.shown.length === 2 && placed === review)
        firstIds.set(id, firstIds.get(id) ?? byAnswer(review));
      checkAnswers(placed, answers, path);
      const key = JSON.stringify([id, placed.shown]);
      if (merged.has(key))
        throw refusal(
          path,
          id,
          "is reviewed twice in the same order; give the reviews of one pair of models",
        );
      merged.set(key, placed);
    }
  }
  return [...merged.values()];
}

function byAnswer({ shown, answerIds }: StoredReview): StoredReview["answerIds"] {
  return shown[0] === 0 ? answerIds : answerIds.toReversed();
}

/** FastChat's rows do not say that the answers are exchanged, but their ids do. */
function isExchanged(
  { shown, answerIds }: StoredReview,
  earlier: StoredReview["answerIds"] | undefined,
): boolean {
  const [first, second] = answerIds;
  if (shown.join() !== "0,1" || earlier === undefined || first === undefined || first === second)
    return false;
  return first === earlier[1] && second === earlier[0];
}

/** The ids that files name their answers by must be those that were reviewed. */
function checkAnswers(
  { id, shown, answerIds }: StoredReview,
  answers: readonly Answers[] | undefined,
  path: string,
): void {
  for (const [place, answer] of shown.entries()) {
    const [reviewed, given] = [answerIds[place], answers?.[answer]?.get(id)];
    if (reviewed === undefined || given?.isNamed !== true || given.answerId === reviewed) continue;
    throw refusal(
      path,
      id,
      `reviews answer ${reviewed} as answer ${answer + 1}, but --answers has ${given.answerId} there; give the answers that were reviewed, in their order`,
    );
  }
}

function refusal(path: string, id: string, fault: string): UserError {
  return new UserError(`${path}: question ${id} ${fault}.`, { code: "reviews-invalid", facts: { path, id } });
}
