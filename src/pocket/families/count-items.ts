/** Close-ended, with an input: how many words a list has. */
import { closedFamily } from "../closed-family.ts";
import type { ClosedFamily } from "../family.ts";
import { numbersTo } from "../knowledge/names.ts";
import { LIST_WORDS, otherThan } from "../knowledge/things.ts";

const COUNTS = ["2", "3", "4", "5", "6"];
/** In lists of this length or more the crowd misses the last word. */
const LONG_LIST = 6;

type Item = { list: string };

const itemsOf = ({ list }: Item): string[] => list.split(", ");
const answer = (item: Item): string => String(itemsOf(item).length);
const input = "Words: {list}";

export const countItems: ClosedFamily = closedFamily<Item>({
  name: "count-items",
  asks: [
    { instruction: "How many words are in the list?", input },
    { instruction: "Count the words in the list.", input },
    { instruction: "Tell me how many words the list has.", input },
    { instruction: "How long is the list?", input },
  ],
  domains: { list: { listOf: LIST_WORDS }, answer: numbersTo(9), last: LIST_WORDS },
  draw: (stream) => ({
    list: stream
      .shuffle(LIST_WORDS)
      .slice(0, Number(stream.pick(COUNTS)))
      .join(", "),
  }),
  answer,
  rivals: (item) => otherThan(COUNTS, answer(item)),
  crowdAnswer: (item) => (itemsOf(item).length >= LONG_LIST ? String(itemsOf(item).length - 1) : undefined),
  claim(item, claimed) {
    const counted = itemsOf(item).slice(0, Number(claimed));
    return { answer: claimed, list: counted.join(", "), last: counted.at(-1)! };
  },
  short: "There are {answer}.",
  long: "There are {answer} words in the list.",
  firstReason: "The words are {list}.",
  secondReason: "The last word is {last}.",
});
