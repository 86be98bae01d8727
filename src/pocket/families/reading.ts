/** Close-ended, with an input: who has a thing, in a text of two facts. */
import { closedFamily } from "../closed-family.ts";
import { crowdMistake } from "../crowd.ts";
import type { ClosedFamily } from "../family.ts";
import { BELONGINGS, PEOPLE } from "../knowledge/names.ts";
import { otherThan } from "../knowledge/things.ts";

type Item = { asked: string; owner1: string; thing1: string; owner2: string; thing2: string };

const input = "Text: {owner1} has a {thing1}. {owner2} has a {thing2}.";
const answer = ({ asked, owner1, thing1, owner2 }: Item): string => (asked === thing1 ? owner1 : owner2);
const otherOwner = ({ asked, owner1, thing1, owner2 }: Item): string => (asked === thing1 ? owner2 : owner1);

export const reading: ClosedFamily = closedFamily<Item>({
  name: "reading",
  asks: [
    { instruction: "Who has the {asked}?", input },
    { instruction: "Tell me who has the {asked}.", input },
    { instruction: "Read the text. Who has the {asked}?", input },
    { instruction: "Find out who has the {asked}.", input },
  ],
  domains: {
    asked: BELONGINGS,
    owner1: PEOPLE,
    thing1: BELONGINGS,
    owner2: PEOPLE,
    thing2: BELONGINGS,
    answer: PEOPLE,
    other: PEOPLE,
    otherThing: BELONGINGS,
  },
  draw(stream) {
    const [owner1, owner2] = stream.shuffle(PEOPLE) as [string, string];
    const [thing1, thing2] = stream.shuffle(BELONGINGS) as [string, string];
    return { asked: stream.pick([thing1, thing2]), owner1, thing1, owner2, thing2 };
  },
  isItem: ({ asked, owner1, thing1, owner2, thing2 }) =>
    [thing1, thing2].includes(asked) && thing1 !== thing2 && owner1 !== owner2,
  answer,
  rivals: (item) => otherThan(PEOPLE, answer(item)),
  /** With some things the crowd answers from the other sentence. */
  crowdAnswer: (item) => crowdMistake("belongings", item.asked, [otherOwner(item)]),
  claim: ({ asked, owner1, thing1, owner2, thing2 }, claimed) => ({
    asked,
    answer: claimed,
    other: claimed === owner1 ? owner2 : owner1,
    otherThing: asked === thing1 ? thing2 : thing1,
  }),
  short: "It is {answer}.",
  long: "The {asked} belongs to {answer}.",
  firstReason: "The text says that {answer} has a {asked}.",
  secondReason: "The text also says that {other} has a {otherThing}.",
});
