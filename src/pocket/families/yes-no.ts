/** Close-ended: whether a thing belongs to a category. */
import { closedFamily } from "../closed-family.ts";
import { crowdCategory } from "../crowd.ts";
import type { ClosedFamily } from "../family.ts";
import { CATEGORIES, CATEGORY, CATEGORY_SIGN, exampleOf, THING_NAMES } from "../knowledge/things.ts";

type Item = { thing: string; category: string };

const yesOrNo = (isSo: boolean): string => (isSo ? "Yes" : "No");
const answer = ({ thing, category }: Item): string => yesOrNo(CATEGORY[thing] === category);

export const yesNo: ClosedFamily = closedFamily<Item>({
  name: "yes-no",
  asks: [
    "Is a {thing} a {category}?",
    "Is it true that a {thing} is a {category}?",
    "Tell me if a {thing} is a {category}.",
    "Do you think that a {thing} is a {category}?",
    "Can we call a {thing} a {category}?",
  ],
  domains: {
    thing: THING_NAMES,
    category: CATEGORIES,
    answer: ["Yes", "No"],
    verb: ["is", "is not"],
    sign: Object.values(CATEGORY_SIGN),
    example: THING_NAMES,
  },
  /** Asks for the true category half of the time, and now and then for the one that the crowd believes in. */
  draw(stream) {
    const thing = stream.pick(THING_NAMES);
    if (stream.float() < 0.5) return { thing, category: CATEGORY[thing]! };
    const believed = stream.float() < 0.5 ? crowdCategory(thing) : undefined;
    return { thing, category: believed ?? stream.pick(CATEGORIES) };
  },
  answer,
  rivals: (item) => [answer(item) === "Yes" ? "No" : "Yes"],
  crowdAnswer(item) {
    const believed = crowdCategory(item.thing) ?? CATEGORY[item.thing];
    const crowdSays = yesOrNo(believed === item.category);
    return crowdSays === answer(item) ? undefined : crowdSays;
  },
  claim: ({ thing, category }, claimed) => ({
    thing,
    category,
    answer: claimed,
    verb: claimed === "Yes" ? "is" : "is not",
    sign: CATEGORY_SIGN[category]!,
    example: exampleOf(category, thing),
  }),
  short: "{answer}.",
  long: "{answer}, a {thing} {verb} a {category}.",
  firstReason: "A {category} {sign}.",
  secondReason: "For example, the {example} is a {category}.",
});
