/** Close-ended, with an input: the first or the last word of a list. */
import { closedFamily } from "../closed-family.ts";
import type { ClosedFamily } from "../family.ts";
import { LIST_WORDS, otherThan } from "../knowledge/things.ts";

const POSITIONS = ["first", "last"];

type Item = { position: string; list: string };

const itemsOf = ({ list }: Item): string[] => list.split(", ");
const answer = (item: Item): string => itemsOf(item).at(item.position === "first" ? 0 : -1)!;
const input = "Words: {list}";

export const listPosition: ClosedFamily = closedFamily<Item>({
  name: "list-position",
  asks: [
    { instruction: "What is the {position} word in the list?", input },
    { instruction: "Give the {position} word in the list.", input },
    { instruction: "Which word comes {position}?", input },
    { instruction: "Find the {position} word of the list.", input },
  ],
  domains: {
    position: POSITIONS,
    list: { listOf: LIST_WORDS },
    answer: LIST_WORDS,
    count: ["3", "4"],
    neighbour: LIST_WORDS,
  },
  draw: (stream) => ({
    position: stream.pick(POSITIONS),
    list: stream.shuffle(LIST_WORDS).slice(0, 3 + stream.integer(2)).join(", "),
  }),
  isItem: (item) => [3, 4].includes(itemsOf(item).length),
  answer,
  rivals: (item) => otherThan(itemsOf(item), answer(item)),
  /** In lists of four the crowd takes the third word for the last. */
  crowdAnswer: (item) => (item.position === "last" && itemsOf(item).length > 3 ? itemsOf(item).at(-2) : undefined),
  claim(item, claimed) {
    const items = itemsOf(item);
    const index = items.indexOf(claimed);
    const neighbour = items[index === items.length - 1 ? index - 1 : index + 1]!;
    return { position: item.position, answer: claimed, count: String(items.length), neighbour };
  },
  short: ["It is {answer}."],
  long: ["The {position} word is {answer}."],
  firstReason: ["The list has {count} words."],
  secondReason: ["It is next to {neighbour}."],
});
