/** Open-ended: tips for an activity. */
import { crowdMistake } from "../crowd.ts";
import type { OpenFamily } from "../family.ts";
import { PEOPLE } from "../knowledge/names.ts";
import { otherThan } from "../knowledge/things.ts";
import { openFamily } from "../open-family.ts";

const TIPS: Readonly<Record<string, readonly string[]>> = {
  "sleep better": [
    "Go to bed early",
    "Keep the room dark",
    "Drink warm milk",
    "Turn off the phone",
    "Read a calm book",
  ],
  "stay healthy": [
    "Eat fresh fruit",
    "Drink a lot of water",
    "Walk every day",
    "Wash your hands",
    "Eat less sugar",
  ],
  "learn the piano": [
    "Play for one hour every day",
    "Start with easy songs",
    "Find a good teacher",
    "Count the beat",
    "Listen to good music",
  ],
  "plant a garden": [
    "Choose a sunny place",
    "Dig deep holes",
    "Give the plants water",
    "Pull out the weeds",
    "Put the seeds in a row",
  ],
  "save money": [
    "Write down what you buy",
    "Cook at home",
    "Compare the prices",
    "Take the bus to work",
    "Buy only what you need",
  ],
  "clean a room": [
    "Open the window",
    "Throw away old things",
    "Put the toys in a box",
    "Wash the floor",
    "Start with the table",
  ],
  "train a dog": [
    "Use short words",
    "Give it a small treat",
    "Be calm and kind",
    "Train at the same time every day",
    "Play with the dog often",
  ],
  "make friends": [
    "Smile at people",
    "Ask kind questions",
    "Share your food",
    "Play in a team",
    "Remember the names of people",
  ],
  "cook soup": [
    "Cut the carrot and the onion",
    "Heat the water first",
    "Add a little salt",
    "Cook it on a low fire",
    "Taste it before you serve it",
  ],
  "paint a picture": [
    "Choose bright colours",
    "Draw thin lines first",
    "Use a clean brush",
    "Mix the paint well",
    "Let the paint dry",
  ],
  "ride a bike": [
    "Look at the road",
    "Hold on with two hands",
    "Start on flat ground",
    "Wear strong shoes",
    "Stop at a red light",
  ],
};
const ACTIVITIES = Object.keys(TIPS);

type Item = { activity: string; name: string };

const wrongTips = (activity: string): string[] => otherThan(Object.values(TIPS).flat(), ...TIPS[activity]!);

export const tips: OpenFamily = openFamily<Item>({
  name: "tips",
  asks: [
    "Give me some tips to {activity}.",
    "How can I {activity}?",
    "What helps to {activity}?",
    "My friend {name} wants to {activity}. What helps?",
    "Write some advice for {name}, who wants to {activity}.",
    "How can my friend {name} {activity}?",
  ],
  domains: { activity: ACTIVITIES, name: PEOPLE, tip: Object.values(TIPS).flat() },
  draw: (stream) => ({ activity: stream.pick(ACTIVITIES), name: stream.pick(PEOPLE) }),
  statements: [{ point: "tip", forms: ["{tip}."] }],
  truths: ({ activity }) => TIPS[activity]!.map((tip) => ({ tip })),
  mistakes: ({ activity }) => [
    {
      slot: "tip",
      wrongValues: wrongTips(activity),
      crowdValue: crowdMistake("tips", activity, wrongTips(activity)),
    },
  ],
});
