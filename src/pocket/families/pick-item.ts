/** Close-ended, with an input: the one item of a category in a list. */
import { closedFamily } from "../closed-family.ts";
import { crowdCategory } from "../crowd.ts";
import type { ClosedFamily } from "../family.ts";
import { CATEGORIES, CATEGORY, CATEGORY_SIGN, LIST_WORDS, otherThan } from "../knowledge/things.ts";

type Item = { category: string; list: string };

const itemsOf = ({ list }: Item): string[] => list.split(", ");
const answer = (item: Item): string => itemsOf(item).find((thing) => CATEGORY[thing] === item.category)!;
const others = (item: Item): string[] => otherThan(itemsOf(item), answer(item));
const input = "Words: {list}";

export const pickItem: ClosedFamily = closedFamily<Item>({
  name: "pick-item",
  asks: [
    { instruction: "Which of these is a {category}?", input },
    { instruction: "Find the {category} in the list.", input },
    { instruction: "Which word in the list names a {category}?", input },
    { instruction: "One of these words is a {category}. Which one?", input },
  ],
  domains: {
    category: CATEGORIES,
    list: { listOf: LIST_WORDS },
    answer: LIST_WORDS,
    sign: Object.values(CATEGORY_SIGN),
    other: LIST_WORDS,
    otherCategory: CATEGORIES,
  },
  draw(stream) {
    const category = stream.pick(CATEGORIES);
    const rest = stream
      .shuffle(LIST_WORDS.filter((thing) => CATEGORY[thing] !== category))
      .slice(0, 1 + stream.integer(3));
    return {
      category,
      list: stream
        .shuffle([stream.pick(LIST_WORDS.filter((thing) => CATEGORY[thing] === category)), ...rest])
        .join(", "),
    };
  },
  isItem: (item) => itemsOf(item).filter((thing) => CATEGORY[thing] === item.category).length === 1,
  answer,
  rivals: others,
  /** Where the crowd puts the right thing into another category, it takes the first of the others. */
  crowdAnswer: (item) => (crowdCategory(answer(item)) === undefined ? undefined : others(item)[0]),
  claim: (item, claimed) => claimAbout(item, claimed, otherThan(itemsOf(item), claimed)[0]!),
  alsoTrue: (item) => others(item).map((other) => claimAbout(item, answer(item), other)),
  short: "It is the {answer}.",
  long: "The {answer} is a {category}.",
  firstReason: "A {category} {sign}.",
  secondReason: "The {other} is a {otherCategory}.",
});

function claimAbout({ category }: Item, claimed: string, other: string): Record<string, string> {
  return {
    category,
    answer: claimed,
    sign: CATEGORY_SIGN[category]!,
    other,
    otherCategory: CATEGORY[other]!,
  };
}
