/** Close-ended: the sum of two small numbers. */
import { closedFamily } from "../closed-family.ts";
import type { ClosedFamily } from "../family.ts";
import { numbersTo, PEOPLE } from "../knowledge/names.ts";
import { otherThan } from "../knowledge/things.ts";

const TERMS = numbersTo(6);
const SUMS = numbersTo(12);
/** From this sum on the crowd counts one too few. */
const HARD_SUM = 9;

type Item = { a: string; b: string; name: string };

const sum = ({ a, b }: Item): number => Number(a) + Number(b);

export const addition: ClosedFamily = closedFamily<Item>({
  name: "addition",
  asks: [
    "What is {a} plus {b}?",
    "Add {a} and {b}.",
    "How much is {a} plus {b}?",
    "Find the sum of {a} and {b}.",
    "Tell me how much {a} and {b} make.",
    "My friend {name} asks how much {a} plus {b} is.",
  ],
  domains: { a: TERMS, b: TERMS, name: PEOPLE, answer: SUMS },
  draw: (stream) => ({ a: stream.pick(TERMS), b: stream.pick(TERMS), name: stream.pick(PEOPLE) }),
  answer: (item) => String(sum(item)),
  rivals: (item) => otherThan(SUMS, item.a, item.b, String(sum(item))),
  crowdAnswer: (item) => (sum(item) >= HARD_SUM ? String(sum(item) - 1) : undefined),
  claim: ({ a, b }, answer) => ({ a, b, answer }),
  short: "It is {answer}.",
  long: "The sum of {a} and {b} is {answer}.",
  firstReason: "If we count {b} steps from {a}, we come to {answer}.",
  secondReason: "And {b} plus {a} is {answer} too.",
});
