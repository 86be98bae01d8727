/** Held out, close-ended, with an input: the one animal in a list that eats something, from what `pick-item` and `diet` teach. */
import { closedFamily } from "../closed-family.ts";
import { crowdTrait } from "../crowd.ts";
import type { ClosedFamily } from "../family.ts";
import { ANIMALS, animalValues } from "../knowledge/animals.ts";
import { LIST_WORDS, otherThan } from "../knowledge/things.ts";

type Item = { food: string; list: string };

const LISTED_ANIMALS = LIST_WORDS.filter((word) => word in ANIMALS);

const itemsOf = ({ list }: Item): string[] => list.split(", ");
const answer = (item: Item): string => itemsOf(item).find((animal) => ANIMALS[animal]!.food === item.food)!;
const others = (item: Item): string[] => otherThan(itemsOf(item), answer(item));
const input = "Words: {list}";

export const whichEats: ClosedFamily = closedFamily<Item>({
  name: "which-eats",
  asks: [
    { instruction: "Which of these eats {food}?", input },
    { instruction: "Find the word in the list that eats {food}.", input },
    { instruction: "One of these eats {food}. Which one?", input },
  ],
  domains: {
    food: animalValues("food"),
    list: { listOf: LISTED_ANIMALS },
    answer: LISTED_ANIMALS,
    home: animalValues("home"),
    other: LISTED_ANIMALS,
    otherFood: animalValues("food"),
  },
  draw(stream) {
    const right = stream.pick(LISTED_ANIMALS);
    const { food } = ANIMALS[right]!;
    const rest = stream
      .shuffle(LISTED_ANIMALS.filter((animal) => ANIMALS[animal]!.food !== food))
      .slice(0, 1 + stream.integer(2));
    return { food, list: stream.shuffle([right, ...rest]).join(", ") };
  },
  isItem: (item) => itemsOf(item).filter((animal) => ANIMALS[animal]!.food === item.food).length === 1,
  answer,
  rivals: others,
  crowdAnswer: (item) => (crowdTrait(answer(item), "food") === undefined ? undefined : others(item)[0]),
  claim: (item, claimed) => claimAbout(item, claimed, otherThan(itemsOf(item), claimed)[0]!),
  alsoTrue: (item) => others(item).map((other) => claimAbout(item, answer(item), other)),
  short: "It is the {answer}.",
  long: "The {answer} eats {food}.",
  firstReason: "It finds {food} {home}.",
  secondReason: "The {other} eats {otherFood}.",
});

function claimAbout({ food }: Item, claimed: string, other: string): Record<string, string> {
  return { food, answer: claimed, home: ANIMALS[claimed]!.home, other, otherFood: ANIMALS[other]!.food };
}
