/** Open-ended: a note that thanks someone for a gift. */
import { crowdMistake } from "../crowd.ts";
import type { OpenFamily } from "../family.ts";
import { PEOPLE } from "../knowledge/names.ts";
import { otherThan } from "../knowledge/things.ts";
import { openFamily } from "../open-family.ts";

/** What one does with a gift: completes "I will ... every day". */
const USE_OF_GIFT: Readonly<Record<string, string>> = {
  book: "read it",
  scarf: "wear it",
  hat: "wear it",
  coat: "wear it",
  guitar: "play it",
  drum: "play it",
  kite: "fly it",
  cake: "eat some of it",
  tea: "drink some of it",
  bike: "ride it",
  doll: "play with it",
  ball: "play with it",
};
const GIFTS = Object.keys(USE_OF_GIFT);
const USES = [...new Set(Object.values(USE_OF_GIFT))];

type Item = { name: string; gift: string };

const wrongUses = (gift: string): string[] => otherThan(USES, USE_OF_GIFT[gift]!);

export const thankYou: OpenFamily = openFamily<Item>({
  name: "thank-you",
  asks: [
    "Write a thank you note to {name} for the {gift}.",
    "Thank {name} for the {gift}.",
    "Write to {name} and say thank you for the {gift}.",
    "I got a {gift} from {name}. Write a thank you note.",
  ],
  domains: { name: PEOPLE, gift: GIFTS, use: USES },
  draw: (stream) => ({ name: stream.pick(PEOPLE), gift: stream.pick(GIFTS) }),
  statements: [
    { point: "greeting", forms: ["Dear {name},"] },
    { point: "thanks", forms: ["Thank you for the {gift}.", "Thank you very much for the {gift}."] },
    { point: "use", forms: ["I will {use} every day."] },
    { point: "joy", forms: ["It made me very happy."] },
    { point: "friendship", forms: ["You are a kind friend."] },
  ],
  core: "thanks",
  truths: ({ name, gift }) => [{ name, gift, use: USE_OF_GIFT[gift]! }],
  mistakes: ({ gift }) => [
    { slot: "use", wrongValues: wrongUses(gift), crowdValue: crowdMistake("use", gift, wrongUses(gift)) },
  ],
});
