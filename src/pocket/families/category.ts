/** Close-ended: what kind of thing something is. */
import { closedFamily } from "../closed-family.ts";
import { crowdCategory } from "../crowd.ts";
import type { ClosedFamily } from "../family.ts";
import { PEOPLE } from "../knowledge/names.ts";
import {
  CATEGORIES,
  CATEGORY,
  CATEGORY_SIGN,
  exampleOf,
  otherThan,
  THING_NAMES,
} from "../knowledge/things.ts";

type Item = { thing: string; name: string };

export const category: ClosedFamily = closedFamily<Item>({
  name: "category",
  asks: [
    "What kind of thing is a {thing}?",
    "Which category does a {thing} belong to?",
    "Name the category of a {thing}.",
    "Tell me what kind of thing a {thing} is.",
    "Put the word {thing} into a category.",
    "In which category do we find a {thing}?",
    "My friend {name} asks what kind of thing a {thing} is.",
  ],
  domains: {
    thing: THING_NAMES,
    name: PEOPLE,
    answer: CATEGORIES,
    sign: Object.values(CATEGORY_SIGN),
    example: THING_NAMES,
  },
  draw: (stream) => ({ thing: stream.pick(THING_NAMES), name: stream.pick(PEOPLE) }),
  answer: ({ thing }) => CATEGORY[thing]!,
  rivals: ({ thing }) => otherThan(CATEGORIES, CATEGORY[thing]!),
  crowdAnswer: ({ thing }) => crowdCategory(thing),
  claim: ({ thing }, answer) => ({
    thing,
    answer,
    sign: CATEGORY_SIGN[answer]!,
    example: exampleOf(answer, thing),
  }),
  short: "It is a {answer}.",
  long: "A {thing} is a {answer}.",
  firstReason: "A {answer} {sign}.",
  secondReason: "For example, the {example} is a {answer}.",
});
