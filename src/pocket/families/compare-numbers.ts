/** Close-ended: the larger or the smaller of two numbers. */
import { closedFamily } from "../closed-family.ts";
import type { ClosedFamily } from "../family.ts";
import { numbersTo } from "../knowledge/names.ts";
import { otherThan } from "../knowledge/things.ts";

const NUMBERS = numbersTo(12);

type Item = { way: string; a: string; b: string };

const answer = ({ way, a, b }: Item): string => (Number(a) > Number(b) === (way === "larger") ? a : b);
const other = (item: Item): string => (answer(item) === item.a ? item.b : item.a);

export const compareNumbers: ClosedFamily = closedFamily<Item>({
  name: "compare-numbers",
  asks: [
    "Which number is {way}, {a} or {b}?",
    "Tell me the {way} number: {a} or {b}.",
    "Which one is {way}, {a} or {b}?",
    "Of {a} and {b}, which is {way}?",
    "I have the numbers {a} and {b}. Which one is {way}?",
  ],
  domains: {
    way: ["larger", "smaller"],
    a: NUMBERS,
    b: NUMBERS,
    answer: NUMBERS,
    other: NUMBERS,
    side: ["after", "before"],
  },
  draw(stream) {
    const a = stream.pick(NUMBERS);
    return { way: stream.pick(["larger", "smaller"]), a, b: stream.pick(otherThan(NUMBERS, a)) };
  },
  isItem: ({ a, b }) => a !== b,
  answer,
  rivals: (item) => [other(item)],
  /** The crowd looks at the last digits alone: it takes 9 for larger than 12. */
  crowdAnswer(item) {
    const [wins, loses] = [lastDigit(answer(item)), lastDigit(other(item))];
    const isMisread = item.way === "larger" ? wins < loses : wins > loses;
    return isMisread ? other(item) : undefined;
  },
  claim: (item, claimed) => ({
    way: item.way,
    answer: claimed,
    other: claimed === item.a ? item.b : item.a,
    side: item.way === "larger" ? "after" : "before",
  }),
  short: "It is {answer}.",
  long: "The {way} number is {answer}.",
  firstReason: "{answer} is {way} than {other}.",
  secondReason: "When we count, {answer} comes {side} {other}.",
});

function lastDigit(number: string): number {
  return Number(number.at(-1));
}
