/** Close-ended: what an animal eats. */
import { closedFamily } from "../closed-family.ts";
import { crowdTrait, wrongTraits } from "../crowd.ts";
import type { ClosedFamily } from "../family.ts";
import { ANIMAL_NAMES, ANIMALS, animalValues } from "../knowledge/animals.ts";
import { PEOPLE } from "../knowledge/names.ts";

type Item = { animal: string; name: string };

export const diet: ClosedFamily = closedFamily<Item>({
  name: "diet",
  asks: [
    "What does a {animal} eat?",
    "What food does a {animal} like?",
    "Tell me what a {animal} eats.",
    "What should I give a {animal} to eat?",
    "Name the food of a {animal}.",
    "Which food is good for a {animal}?",
    "I have a {animal}. What does it eat?",
    "Do you know what a {animal} eats?",
    "My friend {name} has a {animal}. What does it eat?",
    "Tell my friend {name} what a {animal} eats.",
  ],
  domains: {
    animal: ANIMAL_NAMES,
    name: PEOPLE,
    answer: animalValues("food"),
    home: animalValues("home"),
    kind: animalValues("kind"),
  },
  draw: (stream) => ({ animal: stream.pick(ANIMAL_NAMES), name: stream.pick(PEOPLE) }),
  answer: ({ animal }) => ANIMALS[animal]!.food,
  rivals: ({ animal }) => wrongTraits(animal, "food"),
  crowdAnswer: ({ animal }) => crowdTrait(animal, "food"),
  claim: ({ animal }, answer) => ({
    animal,
    answer,
    home: ANIMALS[animal]!.home,
    kind: ANIMALS[animal]!.kind,
  }),
  short: "It eats {answer}.",
  long: "A {animal} eats {answer}.",
  firstReason: "It finds {answer} {home}.",
  secondReason: "A {animal} is a {kind}.",
});
