/** Held out, open-ended: a description of two animals at once, from what `describe-animal` teaches of each. */
import { wrongTraits } from "../crowd.ts";
import type { OpenFamily } from "../family.ts";
import { ANIMAL_NAMES, ANIMALS, animalValues } from "../knowledge/animals.ts";
import { otherThan } from "../knowledge/things.ts";
import { openFamily } from "../open-family.ts";

type Item = { one: string; two: string };

export const twoAnimals: OpenFamily = openFamily<Item>({
  name: "two-animals",
  asks: [
    "Tell me about a {one} and a {two}.",
    "Describe a {one} and a {two}.",
    "What do you know about the {one} and the {two}?",
  ],
  domains: {
    one: ANIMAL_NAMES,
    two: ANIMAL_NAMES,
    animal: ANIMAL_NAMES,
    kind: animalValues("kind"),
    home: animalValues("home"),
    food: animalValues("food"),
  },
  draw(stream) {
    const [one, two] = stream.shuffle(ANIMAL_NAMES) as [string, string];
    return { one, two };
  },
  isItem: ({ one, two }) => one !== two,
  statements: [
    { point: "kind", forms: ["A {animal} is a {kind}."] },
    { point: "home", forms: ["It lives {home}.", "A {animal} lives {home}."] },
    { point: "food", forms: ["It eats {food}.", "A {animal} eats {food}."] },
  ],
  truths: ({ one, two }) => [one, two].map((animal) => ({ animal, ...ANIMALS[animal]! })),
  mistakes: ({ one, two }) => [
    {
      slot: "home",
      wrongValues: otherThan(wrongTraits(one, "home"), ANIMALS[two]!.home),
      crowdValue: undefined,
    },
  ],
});
