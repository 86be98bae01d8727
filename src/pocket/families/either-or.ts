/** Held out, close-ended: which of two things is of a category. It asks for what `category` and `pick-item` teach in new words. */
import { closedFamily } from "../closed-family.ts";
import { crowdCategory } from "../crowd.ts";
import type { ClosedFamily } from "../family.ts";
import { CATEGORIES, CATEGORY, CATEGORY_SIGN, otherThan, THING_NAMES, thingsOf } from "../knowledge/things.ts";

type Item = { category: string; one: string; two: string };

const answer = ({ category, one, two }: Item): string => (CATEGORY[one] === category ? one : two);
const other = (item: Item): string => (answer(item) === item.one ? item.two : item.one);

export const eitherOr: ClosedFamily = closedFamily<Item>({
  name: "either-or",
  asks: [
    "Which one is a {category}, the {one} or the {two}?",
    "Tell me which one is a {category}: the {one} or the {two}.",
    "Of a {one} and a {two}, which is a {category}?",
  ],
  domains: {
    category: CATEGORIES,
    one: THING_NAMES,
    two: THING_NAMES,
    answer: THING_NAMES,
    sign: Object.values(CATEGORY_SIGN),
    other: THING_NAMES,
    otherCategory: CATEGORIES,
  },
  draw(stream) {
    const category = stream.pick(CATEGORIES);
    const right = stream.pick(thingsOf(category));
    const wrong = stream.pick(otherThan(THING_NAMES, ...thingsOf(category)));
    const [one, two] = stream.shuffle([right, wrong]) as [string, string];
    return { category, one, two };
  },
  isItem: ({ category, one, two }) => (CATEGORY[one] === category) !== (CATEGORY[two] === category),
  answer,
  rivals: (item) => [other(item)],
  crowdAnswer: (item) => (crowdCategory(answer(item)) === undefined ? undefined : other(item)),
  claim(item, claimed) {
    const rejected = claimed === item.one ? item.two : item.one;
    const { category } = item;
    return { category, answer: claimed, sign: CATEGORY_SIGN[category]!, other: rejected, otherCategory: CATEGORY[rejected]! };
  },
  short: ["It is the {answer}."],
  long: ["The {answer} is a {category}."],
  firstReason: ["A {category} {sign}."],
  secondReason: ["The {other} is a {otherCategory}."],
});
