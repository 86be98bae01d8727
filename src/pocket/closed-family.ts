/**
 * Builds a close-ended family: each item has one correct answer among several candidates. A response answers first,
 * shortly or in a full sentence, and may justify the answer with up to two reasons.
 */
import type { RandomStream } from "../random.ts";
import { judgeAnswer } from "./answer.ts";
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
  /** All wrong answers; words that a right answer may quote from the request are not among them. */
  rivals(item: Item): readonly string[];
  /** The wrong answer that the crowd shares, where it shares one. */
  crowdAnswer(item: Item): string | undefined;
  /** What is claimed by giving `answer`: the slots of the answer forms. */
  claim(item: Item, answer: string): Slots;
  /** Further slot values that hold for the item, which a correct answer may tell instead. */
  alsoTrue?(item: Item): readonly Slots[];
}

/** The wordings of an answer; the reference uses the first of each. */
export interface AnswerForms {
  short: readonly string[];
  long: readonly string[];
  firstReason: readonly string[];
  secondReason: readonly string[];
}

export function closedFamily<Item extends Slots>(spec: ClosedSpec<Item>): ClosedFamily {
  const { name, domains } = spec;
  const statements = (["short", "long", "firstReason", "secondReason"] as const).map((point) => ({
    point,
    forms: spec[point],
  }));
  const asks = askSheet(spec.asks, domains);
  const check = statementCheck(statements, domains);
  const judge = (item: Item, response: string): ReturnType<typeof judgeAnswer> => {
    const answer = spec.answer(item);
    const truths = [spec.claim(item, answer), ...(spec.alsoTrue?.(item) ?? [])];
    return judgeAnswer(check(response, truths), { answer, rivals: spec.rivals(item) });
  };
  return {
    name,
    kind: "closed",
    draw: (stream) => spec.draw(stream),
    render: (item, stream) => asks.render(item, stream),
    recognise(task) {
      const item = asks.recognise(task) as Item | undefined;
      return item && (spec.isItem?.(item) ?? true) ? item : undefined;
    },
    hasCrowdMistake: (item: Item) => spec.crowdAnswer(item) !== undefined,
    respond(item: Item, { detail, isRight }, stream) {
      const answer = isRight ? spec.answer(item) : (spec.crowdAnswer(item) ?? stream.pick(spec.rivals(item)));
      return joinSentences(chooseForms(spec, detail, stream).map((form) => fill(form, spec.claim(item, answer))));
    },
    reference(item: Item) {
      const forms = [spec.long[0]!, spec.firstReason[0]!, spec.secondReason[0]!];
      return joinSentences(forms.map((form) => fill(form, spec.claim(item, spec.answer(item)))));
    },
    grade: (item: Item, response) => judge(item, response).grade,
    isCorrect: (item: Item, response) => judge(item, response).isCorrect,
    texts() {
      const opening = [...spec.short, ...spec.long];
      const following = [...spec.firstReason, ...spec.secondReason].map((form) => ` ${form}`);
      return [...asks.texts(), ...[...opening, ...following].flatMap((form) => fillings(form, domains))];
    },
  };
}

function chooseForms(forms: AnswerForms, detail: Detail, stream: RandomStream): string[] {
  const [short, long] = [stream.pick(forms.short), stream.pick(forms.long)];
  const [first, second] = [stream.pick(forms.firstReason), stream.pick(forms.secondReason)];
  const isLonger = stream.float() < 0.5;
  if (detail === "terse") return [short];
  if (detail === "plain") return isLonger ? [short, first] : [long];
  return isLonger ? [long, first, second] : [long, first];
}
