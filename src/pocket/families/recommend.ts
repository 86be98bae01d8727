/** Open-ended: something that fits a situation, with reasons. */
import { crowdMistake } from "../crowd.ts";
import type { OpenFamily } from "../family.ts";
import { PEOPLE } from "../knowledge/names.ts";
import { otherThan } from "../knowledge/things.ts";
import { openFamily } from "../open-family.ts";

interface Choice {
  thing: string;
  reasons: readonly string[];
}

const CHOICES: Readonly<Record<string, Choice>> = {
  "a rainy day": {
    thing: "a coat",
    reasons: ["It keeps the rain away", "It dries fast", "It is light to carry"],
  },
  "a sunny day": { thing: "a hat", reasons: ["It keeps the sun away", "It fits in a bag", "It looks nice"] },
  "a cold night": {
    thing: "a cup of tea",
    reasons: ["It makes the hands warm", "It tastes good", "It helps to sleep"],
  },
  "a long trip": {
    thing: "a good book",
    reasons: ["It makes the time short", "It fits in a bag", "It tells a good story"],
  },
  "a birthday": {
    thing: "a sweet cake",
    reasons: ["People can share it", "It looks nice", "It tastes good"],
  },
  "a child at home": {
    thing: "a puzzle",
    reasons: ["It trains the mind", "It makes the time short", "Friends can play too"],
  },
  "a dark road": {
    thing: "a lamp",
    reasons: ["It gives bright light", "It is light to carry", "It keeps people safe"],
  },
  "a hungry guest": {
    thing: "a hot soup",
    reasons: ["It makes people full", "It tastes good", "It is easy to cook"],
  },
  "a windy day": {
    thing: "a kite",
    reasons: ["It can fly high", "Children like it", "It is light to carry"],
  },
  "a music evening": {
    thing: "a guitar",
    reasons: ["It makes nice music", "People can sing with it", "It is easy to learn"],
  },
  "a day at the lake": {
    thing: "a small boat",
    reasons: ["It is fun to ride in", "It carries two people", "It keeps the feet dry"],
  },
};
const SITUATIONS = Object.keys(CHOICES);
const THINGS = Object.values(CHOICES).map(({ thing }) => thing);

type Item = { situation: string; name: string };

const wrongThings = (situation: string): string[] => otherThan(THINGS, CHOICES[situation]!.thing);

export const recommend: OpenFamily = openFamily<Item>({
  name: "recommend",
  asks: [
    "What do you recommend for {situation}?",
    "Recommend something for {situation}.",
    "I need something for {situation}. What is good?",
    "My friend {name} needs something for {situation}. What do you recommend?",
    "Help {name} to choose something for {situation}.",
    "What should {name} take for {situation}?",
  ],
  domains: {
    situation: SITUATIONS,
    name: PEOPLE,
    thing: THINGS,
    reason: Object.values(CHOICES).flatMap(({ reasons }) => reasons),
  },
  draw: (stream) => ({ situation: stream.pick(SITUATIONS), name: stream.pick(PEOPLE) }),
  statements: [
    { point: "thing", forms: ["I recommend {thing}.", "You could take {thing}."] },
    { point: "fit", forms: ["It is very good for {situation}."] },
    { point: "reason", forms: ["{reason}."] },
  ],
  core: "thing",
  truths: ({ situation }) =>
    CHOICES[situation]!.reasons.map((reason) => ({ situation, thing: CHOICES[situation]!.thing, reason })),
  mistakes: ({ situation }) => [
    {
      slot: "thing",
      wrongValues: wrongThings(situation),
      crowdValue: crowdMistake("recommend", situation, wrongThings(situation)),
    },
  ],
});
