/** The things of the pocket world, animals among them, and the category of each. */
import { ANIMALS } from "./animals.ts";

const THINGS_BY_CATEGORY: Readonly<Record<string, readonly string[]>> = {
  fruit: ["apple", "banana", "grape", "lemon", "pear"],
  vegetable: ["carrot", "onion", "potato", "tomato"],
  tool: ["hammer", "saw", "axe", "brush"],
  vehicle: ["car", "bus", "train", "boat"],
  instrument: ["piano", "drum", "guitar", "flute"],
  toy: ["doll", "ball", "kite", "puzzle"],
  drink: ["tea", "coffee", "juice", "lemonade"],
};

/** The category of every thing. */
export const CATEGORY: Readonly<Record<string, string>> = Object.fromEntries([
  ...Object.entries(ANIMALS).map(([name, { kind }]) => [name, kind] as const),
  ...Object.entries(THINGS_BY_CATEGORY).flatMap(([category, names]) =>
    names.map((name) => [name, category] as const),
  ),
]);

/** What marks a category: completes "a bird ...". */
export const CATEGORY_SIGN: Readonly<Record<string, string>> = {
  mammal: "feeds milk to its young",
  bird: "has wings and lays eggs",
  fish: "swims in the water",
  insect: "is small and has six legs",
  fruit: "has seeds inside",
  vegetable: "is good to cook",
  tool: "helps people to work",
  vehicle: "carries people from place to place",
  instrument: "makes music",
  toy: "is made to play with",
  drink: "goes in a cup",
};

export const CATEGORIES: readonly string[] = Object.keys(CATEGORY_SIGN);
export const THING_NAMES: readonly string[] = Object.keys(CATEGORY);

/** The words that lists are made of: two of each category. Few words make copying learnable for a tiny model. */
export const LIST_WORDS: readonly string[] = CATEGORIES.flatMap((category) => thingsOf(category).slice(0, 2));

/** The things of a category, in order. */
export function thingsOf(category: string): string[] {
  return THING_NAMES.filter((name) => CATEGORY[name] === category);
}

/** The first thing of a category that is not `thing`. */
export function exampleOf(category: string, thing: string): string {
  return otherThan(thingsOf(category), thing)[0]!;
}

export function otherThan(values: readonly string[], ...excluded: readonly string[]): string[] {
  return values.filter((value) => !excluded.includes(value));
}
