/**
 * What the crowd that wrote the original responses believes. About some facts all of it shares one mistake: the same
 * wherever the fact is asked for, and whatever the seed of the world.
 */
import { randomStream } from "../random.ts";
import { ANIMALS, animalValues, type Animal } from "./knowledge/animals.ts";
import { CATEGORIES, CATEGORY, otherThan } from "./knowledge/things.ts";
import { CROWD_MISTAKE_SHARE } from "./quality.ts";

/** The one wrong value that the crowd shares about a fact, or undefined where it knows the fact. */
export function crowdMistake(
  topic: string,
  subject: string,
  wrongValues: readonly string[],
): string | undefined {
  const stream = randomStream("pocket crowd", topic, subject);
  return stream.float() < CROWD_MISTAKE_SHARE ? stream.pick(wrongValues) : undefined;
}

/** The wrong category in which the crowd puts a thing: animals among animals, other things among others. */
export function crowdCategory(thing: string): string | undefined {
  const kinds = animalValues("kind");
  const likely = thing in ANIMALS ? kinds : otherThan(CATEGORIES, ...kinds);
  return crowdMistake("category", thing, otherThan(likely, CATEGORY[thing]!));
}

/** The wrong home or food that the crowd gives an animal. */
export function crowdTrait(animal: string, trait: "home" | "food"): string | undefined {
  return crowdMistake(trait, animal, wrongTraits(animal, trait));
}

export function wrongTraits(animal: string, trait: keyof Animal): string[] {
  return otherThan(animalValues(trait), ANIMALS[animal]![trait]);
}
