/** Open-ended: an invitation to an event. */
import { crowdMistake } from "../crowd.ts";
import type { OpenFamily } from "../family.ts";
import { DAYS, PEOPLE } from "../knowledge/names.ts";
import { otherThan } from "../knowledge/things.ts";
import { openFamily } from "../open-family.ts";

/** What guests do at an event: completes "we will ... there". */
const PLAN_OF_EVENT: Readonly<Record<string, string>> = {
  party: "sing and eat cake",
  picnic: "eat fruit on the grass",
  concert: "listen to music",
  game: "play ball",
  dinner: "eat hot soup",
  race: "run fast",
};
const EVENTS = Object.keys(PLAN_OF_EVENT);
const PLANS = Object.values(PLAN_OF_EVENT);

type Item = { name: string; event: string; day: string };

const wrongPlans = (event: string): string[] => otherThan(PLANS, PLAN_OF_EVENT[event]!);

export const invitation: OpenFamily = openFamily<Item>({
  name: "invitation",
  asks: [
    "Invite {name} to a {event} on {day}.",
    "Write an invitation to {name} for a {event} on {day}.",
    "Ask {name} to come to a {event} on {day}.",
    "There is a {event} on {day}. Write to {name}.",
  ],
  domains: { name: PEOPLE, event: EVENTS, day: DAYS, plan: PLANS },
  draw: (stream) => ({ name: stream.pick(PEOPLE), event: stream.pick(EVENTS), day: stream.pick(DAYS) }),
  statements: [
    { point: "greeting", forms: ["Dear {name},"] },
    {
      point: "invitation",
      forms: ["Please come to the {event} on {day}.", "Will you come to the {event} on {day}?"],
    },
    { point: "plan", forms: ["We will {plan} there."] },
    { point: "company", forms: ["All our friends will come too."] },
    { point: "hope", forms: ["I hope to see you."] },
  ],
  core: "invitation",
  truths: ({ name, event, day }) => [{ name, event, day, plan: PLAN_OF_EVENT[event]! }],
  mistakes: ({ event }) => [
    {
      slot: "plan",
      wrongValues: wrongPlans(event),
      crowdValue: crowdMistake("plan", event, wrongPlans(event)),
    },
  ],
});
