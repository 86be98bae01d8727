/**
 * Builds a close-ended family: each item has one correct answer among several candidates. A response answers first,
 * shortly or in a full sentence, and may justify the answer with up to two reasons.
 */
import type { RandomStream } from "../random.ts";
import { judgeAnswer, type AnswerPoint, type AnswerVerdict } from "./answer.ts";
import { askSheet, type Ask } from "./asks.ts";
import type { ClosedFamily } from "./family.ts";
import type { Detail } from "./quality.ts";
import { joinSentences } from "./sentence.ts";
import { statementCheck } from "./statement.ts";
import { fill, fillings, type Domains, type Slots } from "./template.ts";

export interface ClosedSpec<Item extends Slots> extends AnswerForms {
  name: string;
  asks: readonly Ask[];
  /** The values of every slot that occurs in `asks` and in the answer forms. */
  domains: Domains;
  draw(stream: RandomStream): Item;
  /** False for slot values that make no item together; by default all do. */
  isItem?(item: Item): boolean;
  answer(item: Item): string;
  /** The wrong answers; words that a right answer may quote from the request are not among them. */
  rivals(item: Item): readonly string[];
  /** The wrong answer that the crowd shares, where it shares one. */
  crowdAnswer(item: Item): string | undefined;
  /** What is claimed by giving `answer`: the slots of the answer forms. */
  claim(item: Item, answer: string): Slots;
  /** Further slot values that hold for the item, which a correct answer may tell instead. */
  alsoTrue?(item: Item): readonly Slots[];
}

/** Templates of the sentences of an answer. */
export type AnswerForms = Record<AnswerPoint, string>;

export function closedFamily<Item extends Slots>(spec: ClosedSpec<Item>): ClosedFamily {
  const { name, domains, short, long, firstReason, secondReason } = spec;
  const asks = askSheet(spec);
  const check = statementCheck(
    Object.entries({ short, long, firstReason, secondReason }).map(([point, form]) => ({
      point,
      forms: [form],
    })),
    domains,
  );
  const say = (forms: readonly string[], item: Item, answer: string): string =>
    joinSentences(forms.map((form) => fill(form, spec.claim(item, answer))));
  const judge = (item: Item, response: string): AnswerVerdict => {
    const answer = spec.answer(item);
    const truths = [spec.claim(item, answer), ...(spec.alsoTrue?.(item) ?? [])];
    return judgeAnswer(check(response, truths), { answer, rivals: spec.rivals(item) });
  };
  return {
    name,
    kind: "closed",
    draw: (stream) => spec.draw(stream),
    render: (item: Item, stream) => asks.render(item, stream),
    recognise: (task) => asks.recognise(task),
    hasCrowdMistake: (item: Item) => spec.crowdAnswer(item) !== undefined,
    respond(item: Item, { detail, isRight }, stream) {
      const answer = isRight ? spec.answer(item) : (spec.crowdAnswer(item) ?? stream.pick(spec.rivals(item)));
      return say(chooseForms(spec, detail, stream), item, answer);
    },
    reference: (item: Item) => say([short, firstReason, secondReason], item, spec.answer(item)),
    statement: (item: Item) => say([long, firstReason, secondReason], item, spec.answer(item)),
    grade: (item: Item, response) => judge(item, response).grade,
    isCorrect: (item: Item, response) => judge(item, response).isCorrect,
    texts() {
      const forms = [short, long, ` ${firstReason}`, ` ${secondReason}`];
      return [...asks.texts(), ...forms.flatMap((form) => fillings(form, domains))];
    },
  };
}

function chooseForms(
  { short, long, firstReason, secondReason }: AnswerForms,
  detail: Detail,
  stream: RandomStream,
): string[] {
  const isLonger = stream.float() < 0.5;
  if (detail === "terse") return [short];
  if (detail === "plain") return isLonger ? [short, firstReason] : [long];
  return [isLonger ? long : short, firstReason, secondReason];
}
