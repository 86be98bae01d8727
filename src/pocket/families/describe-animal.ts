/** Open-ended: a description of an animal. */
import { crowdTrait, wrongTraits } from "../crowd.ts";
import type { OpenFamily } from "../family.ts";
import { ANIMAL_NAMES, ANIMALS, animalValues } from "../knowledge/animals.ts";
import { PEOPLE } from "../knowledge/names.ts";
import { openFamily } from "../open-family.ts";

type Item = { animal: string; name: string };

export const describeAnimal: OpenFamily = openFamily<Item>({
  name: "describe-animal",
  asks: [
    "Describe a {animal}.",
    "Tell me about the {animal}.",
    "What do you know about the {animal}?",
    "Write some sentences about a {animal}.",
    "Give me some facts about the {animal}.",
    "Explain to a child what a {animal} is.",
    "I want to know more about the {animal}.",
    "What can you say about a {animal}?",
    "Tell my friend {name} about the {animal}.",
    "My friend {name} wants to know more about the {animal}.",
  ],
  domains: {
    animal: ANIMAL_NAMES,
    name: PEOPLE,
    kind: animalValues("kind"),
    home: animalValues("home"),
    food: animalValues("food"),
    look: animalValues("look"),
    skill: animalValues("skill"),
  },
  draw: (stream) => ({ animal: stream.pick(ANIMAL_NAMES), name: stream.pick(PEOPLE) }),
  statements: [
    { point: "kind", forms: ["A {animal} is a {kind}."] },
    { point: "home", forms: ["It lives {home}.", "A {animal} lives {home}."] },
    { point: "food", forms: ["It eats {food}.", "A {animal} eats {food}."] },
    { point: "look", forms: ["It has {look}.", "A {animal} has {look}."] },
    { point: "skill", forms: ["It can {skill}.", "A {animal} can {skill}."] },
  ],
  truths: ({ animal }) => [{ animal, ...ANIMALS[animal]! }],
  mistakes: ({ animal }) => [
    { slot: "food", wrongValues: wrongTraits(animal, "food"), crowdValue: crowdTrait(animal, "food") },
    { slot: "home", wrongValues: wrongTraits(animal, "home"), crowdValue: crowdTrait(animal, "home") },
  ],
});
