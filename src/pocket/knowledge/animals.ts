/** The animals of the pocket world and what is true of them there. */

export interface Animal {
  kind: "mammal" | "bird" | "fish" | "insect";
  /** Completes "it lives ...". */
  home: string;
  /** Completes "it eats ...". */
  food: string;
  /** Completes "it has ...". */
  look: string;
  /** Completes "it can ...". */
  skill: string;
}

export const ANIMALS: Readonly<Record<string, Animal>> = {
  ant: { kind: "insect", home: "in a garden", food: "leaves", look: "six legs", skill: "work hard" },
  bear: { kind: "mammal", home: "in the forest", food: "honey", look: "thick fur", skill: "climb trees" },
  bee: { kind: "insect", home: "in a garden", food: "honey", look: "yellow stripes", skill: "fly" },
  cat: { kind: "mammal", home: "in a house", food: "mice", look: "soft fur", skill: "climb trees" },
  cow: { kind: "mammal", home: "on a farm", food: "grass", look: "two horns", skill: "give milk" },
  dog: { kind: "mammal", home: "in a house", food: "meat", look: "a wet nose", skill: "run fast" },
  duck: { kind: "bird", home: "in the river", food: "seeds", look: "short wings", skill: "swim" },
  elephant: { kind: "mammal", home: "in the jungle", food: "leaves", look: "a long nose", skill: "walk far" },
  fox: { kind: "mammal", home: "in the forest", food: "meat", look: "red fur", skill: "hide well" },
  hen: { kind: "bird", home: "on a farm", food: "seeds", look: "short wings", skill: "lay eggs" },
  horse: { kind: "mammal", home: "on a farm", food: "grass", look: "long legs", skill: "run fast" },
  lion: { kind: "mammal", home: "in the jungle", food: "meat", look: "sharp teeth", skill: "run fast" },
  monkey: { kind: "mammal", home: "in the jungle", food: "fruit", look: "long arms", skill: "climb trees" },
  mouse: { kind: "mammal", home: "in a house", food: "seeds", look: "a thin tail", skill: "hide well" },
  owl: { kind: "bird", home: "in the forest", food: "mice", look: "big eyes", skill: "fly" },
  penguin: { kind: "bird", home: "in the sea", food: "fish", look: "short wings", skill: "swim" },
  pig: { kind: "mammal", home: "on a farm", food: "fruit", look: "a flat nose", skill: "dig holes" },
  rabbit: { kind: "mammal", home: "in a garden", food: "leaves", look: "long ears", skill: "dig holes" },
  salmon: { kind: "fish", home: "in the river", food: "insects", look: "silver scales", skill: "swim" },
  shark: { kind: "fish", home: "in the sea", food: "fish", look: "sharp teeth", skill: "swim" },
  tiger: { kind: "mammal", home: "in the jungle", food: "meat", look: "black stripes", skill: "swim" },
  whale: { kind: "mammal", home: "in the sea", food: "fish", look: "smooth skin", skill: "swim" },
};

export const ANIMAL_NAMES: readonly string[] = Object.keys(ANIMALS);

/** All values of one attribute, each once. */
export function animalValues(attribute: keyof Animal): string[] {
  return [...new Set(ANIMAL_NAMES.map((name) => ANIMALS[name]![attribute]))];
}
