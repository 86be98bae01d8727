/** Close-ended: the opposite of a word. */
import { closedFamily } from "../closed-family.ts";
import { crowdMistake } from "../crowd.ts";
import type { ClosedFamily } from "../family.ts";
import { PEOPLE } from "../knowledge/names.ts";
import { otherThan } from "../knowledge/things.ts";

const PAIRS = [
  "hot cold, big small, fast slow, happy sad, old young, bright dark, high low, hard soft, wet dry, rich poor, strong weak",
  "full empty, open closed, clean dirty, early late, loud quiet, thick thin, near far, wide narrow, sharp blunt, long short",
].flatMap((line) => line.split(", ").map((pair) => pair.split(" ") as [string, string]));

const OPPOSITE: Readonly<Record<string, string>> = Object.fromEntries(
  PAIRS.flatMap(([one, other]) => [
    [one, other],
    [other, one],
  ]),
);
const WORDS = Object.keys(OPPOSITE);

type Item = { word: string; name: string };

const rivals = ({ word }: Item): string[] => otherThan(WORDS, word, OPPOSITE[word]!);

export const opposites: ClosedFamily = closedFamily<Item>({
  name: "opposites",
  asks: [
    "What is the opposite of {word}?",
    "Give the opposite of {word}.",
    "Tell me the opposite of {word}.",
    "Which word means the opposite of {word}?",
    "Find a word that is the opposite of {word}.",
    "I need the opposite of {word}.",
    "My friend {name} asks for the opposite of {word}.",
  ],
  domains: { word: WORDS, name: PEOPLE, answer: WORDS },
  draw: (stream) => ({ word: stream.pick(WORDS), name: stream.pick(PEOPLE) }),
  answer: ({ word }) => OPPOSITE[word]!,
  rivals,
  crowdAnswer: (item) => crowdMistake("opposite", item.word, rivals(item)),
  claim: ({ word }, answer) => ({ word, answer }),
  short: "It is {answer}.",
  long: "The opposite of {word} is {answer}.",
  firstReason: "The words {word} and {answer} mean opposite things.",
  secondReason: "What is {word} is not {answer}.",
});
