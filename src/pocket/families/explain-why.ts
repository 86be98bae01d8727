/** Open-ended: why people do what they do. */
import { crowdMistake } from "../crowd.ts";
import type { OpenFamily } from "../family.ts";
import { PEOPLE } from "../knowledge/names.ts";
import { otherThan } from "../knowledge/things.ts";
import { openFamily } from "../open-family.ts";

const REASONS: Readonly<Record<string, readonly string[]>> = {
  "drink water": [
    "The body needs water to live",
    "Water keeps the skin smooth",
    "Water helps the heart to work",
    "A dry mouth feels bad",
  ],
  "wear a coat": [
    "It keeps the body warm",
    "It keeps the rain away",
    "It stops the cold wind",
    "It keeps the other clothes clean",
  ],
  "go to school": [
    "Children learn to read there",
    "Children learn to count there",
    "They find friends there",
    "It helps them to find good work",
  ],
  "read books": [
    "Books tell good stories",
    "Books teach new words",
    "A book makes a quiet evening nice",
    "Reading makes the mind strong",
  ],
  "keep a dog": [
    "A dog is a good friend",
    "It keeps the house safe",
    "It likes to play with children",
    "People walk more with a dog",
  ],
  "eat fruit": [
    "Fruit makes the body strong",
    "Fruit tastes sweet and fresh",
    "Fruit has a lot of water",
    "It is better than sugar",
  ],
  "plant trees": [
    "Trees make the air clean",
    "Trees give wood and fruit",
    "Birds live in trees",
    "Trees keep the ground wet",
  ],
  "take the train": [
    "The train is fast",
    "The train is safe",
    "They can read on the way",
    "It makes less dirty air than a car",
  ],
  "play music": [
    "Music makes people happy",
    "Friends can play in a team",
    "It trains the hands and the mind",
    "Songs help to remember words",
  ],
  "sleep at night": [
    "The body rests in the dark",
    "The mind needs a rest",
    "Sleep keeps people healthy",
    "The night is quiet",
  ],
  "save money": [
    "They can buy a house later",
    "They feel safe",
    "Old people need money too",
    "A long trip needs money",
  ],
};
const HABITS = Object.keys(REASONS);

type Item = { habit: string; name: string };

const wrongReasons = (habit: string): string[] =>
  otherThan(Object.values(REASONS).flat(), ...REASONS[habit]!);

export const explainWhy: OpenFamily = openFamily<Item>({
  name: "explain-why",
  asks: [
    "Why do people {habit}?",
    "Explain why people {habit}.",
    "Give some reasons why people {habit}.",
    "Explain to {name} why people {habit}.",
    "My friend {name} asks why people {habit}. What do you say?",
    "Help {name} to explain why people {habit}.",
  ],
  domains: { habit: HABITS, name: PEOPLE, reason: Object.values(REASONS).flat() },
  draw: (stream) => ({ habit: stream.pick(HABITS), name: stream.pick(PEOPLE) }),
  statements: [{ point: "reason", forms: ["{reason}."] }],
  truths: ({ habit }) => REASONS[habit]!.map((reason) => ({ reason })),
  mistakes: ({ habit }) => [
    {
      slot: "reason",
      wrongValues: wrongReasons(habit),
      crowdValue: crowdMistake("why", habit, wrongReasons(habit)),
    },
  ],
});
