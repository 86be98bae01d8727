/** Open-ended: a short story about two people at a place. */
import { crowdMistake } from "../crowd.ts";
import type { OpenFamily } from "../family.ts";
import { BELONGINGS, PEOPLE, PLACES } from "../knowledge/names.ts";
import { otherThan } from "../knowledge/things.ts";
import { openFamily } from "../open-family.ts";

type Item = { one: string; two: string; place: string };

export const story: OpenFamily = openFamily<Item>({
  name: "story",
  asks: [
    "Write a short story about {one} and {two} at the {place}.",
    "Tell me a story about {one} and {two} at the {place}.",
    "Write some sentences about a day of {one} and {two} at the {place}.",
    "Make up a story. {one} and {two} are at the {place}.",
  ],
  domains: {
    one: PEOPLE,
    two: PEOPLE,
    place: PLACES,
    found: BELONGINGS,
    feeling: ["happy", "proud", "glad"],
    weather: ["rain", "snow"],
  },
  draw(stream) {
    const [one, two] = stream.shuffle(PEOPLE) as [string, string];
    return { one, two, place: stream.pick(PLACES) };
  },
  isItem: ({ one, two }) => one !== two,
  statements: [
    { point: "start", forms: ["One day {one} and {two} went to the {place}."] },
    { point: "find", forms: ["There {one} found an old {found}.", "There {one} lost a {found}."] },
    { point: "trouble", forms: ["Then it began to {weather}."] },
    { point: "help", forms: ["But {two} had a good plan."] },
    { point: "end", forms: ["In the end {one} and {two} were very {feeling}."] },
  ],
  core: "start",
  truths: ({ one, two, place }) => [{ one, two, place }],
  mistakes: ({ place }) => [
    {
      slot: "place",
      wrongValues: otherThan(PLACES, place),
      crowdValue: crowdMistake("story", place, otherThan(PLACES, place)),
    },
  ],
});
