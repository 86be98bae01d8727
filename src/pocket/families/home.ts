/** Close-ended: where an animal lives. */
import { closedFamily } from "../closed-family.ts";
import { crowdTrait, wrongTraits } from "../crowd.ts";
import type { ClosedFamily } from "../family.ts";
import { ANIMAL_NAMES, ANIMALS, animalValues } from "../knowledge/animals.ts";

type Item = { animal: string };

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
  ],
  domains: { animal: ANIMAL_NAMES, answer: animalValues("home"), food: animalValues("food"), kind: animalValues("kind") },
  draw: (stream) => ({ animal: stream.pick(ANIMAL_NAMES) }),
  answer: ({ animal }) => ANIMALS[animal]!.home,
  rivals: ({ animal }) => wrongTraits(animal, "home"),
  crowdAnswer: ({ animal }) => crowdTrait(animal, "home"),
  claim: ({ animal }, answer) => ({ animal, answer, food: ANIMALS[animal]!.food, kind: ANIMALS[animal]!.kind }),
  short: ["It lives {answer}."],
  long: ["A {animal} lives {answer}."],
  firstReason: ["It finds {food} there."],
  secondReason: ["A {animal} is a {kind}."],
});
