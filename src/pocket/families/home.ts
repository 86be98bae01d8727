/** Close-ended: where an animal lives. */
import { closedFamily } from "../closed-family.ts";
import { crowdTrait, wrongTraits } from "../crowd.ts";
import type { ClosedFamily } from "../family.ts";
import { ANIMAL_NAMES, ANIMALS, animalValues } from "../knowledge/animals.ts";
import { PEOPLE } from "../knowledge/names.ts";

type Item = { animal: string; name: string };

export const home: ClosedFamily = closedFamily<Item>({
  name: "home",
  asks: [
    "Where does a {animal} live?",
    "Where can I find a {animal}?",
    "Tell me where a {animal} lives.",
    "In which place does a {animal} live?",
    "Name the home of a {animal}.",
    "Which place is home to a {animal}?",
    "I look for a {animal}. Where does it live?",
    "Do you know where a {animal} lives?",
    "My friend {name} looks for a {animal}. Where does it live?",
    "Tell my friend {name} where a {animal} lives.",
  ],
  domains: {
    animal: ANIMAL_NAMES,
    name: PEOPLE,
    answer: animalValues("home"),
    food: animalValues("food"),
    kind: animalValues("kind"),
  },
  draw: (stream) => ({ animal: stream.pick(ANIMAL_NAMES), name: stream.pick(PEOPLE) }),
  answer: ({ animal }) => ANIMALS[animal]!.home,
  rivals: ({ animal }) => wrongTraits(animal, "home"),
  crowdAnswer: ({ animal }) => crowdTrait(animal, "home"),
  claim: ({ animal }, answer) => ({
    animal,
    answer,
    food: ANIMALS[animal]!.food,
    kind: ANIMALS[animal]!.kind,
  }),
  short: "It lives {answer}.",
  long: "A {animal} lives {answer}.",
  firstReason: "It finds {food} there.",
  secondReason: "A {animal} is a {kind}.",
});
