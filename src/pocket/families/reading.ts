/** Close-ended, with an input: who has a thing in a text of two facts, and what colour it has. */
import { closedFamily } from "../closed-family.ts";
import { crowdMistake } from "../crowd.ts";
import type { ClosedFamily } from "../family.ts";
import { BELONGINGS, COLOURS, PEOPLE } from "../knowledge/names.ts";

type Item = {
  question: string;
  asked: string;
  owner1: string;
  colour1: string;
  thing1: string;
  owner2: string;
  colour2: string;
  thing2: string;
};

interface Fact {
  owner: string;
  colour: string;
  thing: string;
}

const input = "Text: {owner1} has a {colour1} {thing1}. {owner2} has a {colour2} {thing2}.";
const who = { implies: { question: "who" }, input };
const colour = { implies: { question: "colour" }, input };

export const reading: ClosedFamily = closedFamily<Item>({
  name: "reading",
  asks: [
    { ...who, instruction: "Who has the {asked}?" },
    { ...who, instruction: "Tell me who has the {asked}." },
    { ...who, instruction: "Read the text. Who has the {asked}?" },
    { ...colour, instruction: "What colour is the {asked}?" },
    { ...colour, instruction: "Tell me the colour of the {asked}." },
    { ...colour, instruction: "Read the text. What colour is the {asked}?" },
  ],
  domains: {
    asked: BELONGINGS,
    owner1: PEOPLE,
    colour1: COLOURS,
    thing1: BELONGINGS,
    owner2: PEOPLE,
    colour2: COLOURS,
    thing2: BELONGINGS,
    answer: [...PEOPLE, ...COLOURS],
    relation: ["belongs to", "is"],
    owner: PEOPLE,
    colour: COLOURS,
    other: PEOPLE,
    otherColour: COLOURS,
    otherThing: BELONGINGS,
  },
  draw(stream) {
    const [owner1, owner2] = stream.shuffle(PEOPLE) as [string, string];
    const [colour1, colour2] = stream.shuffle(COLOURS) as [string, string];
    const [thing1, thing2] = stream.shuffle(BELONGINGS) as [string, string];
    const question = stream.pick(["who", "colour"]);
    return {
      question,
      asked: stream.pick([thing1, thing2]),
      owner1,
      colour1,
      thing1,
      owner2,
      colour2,
      thing2,
    };
  },
  isItem: ({ asked, thing1, thing2, owner1, owner2, colour1, colour2 }) =>
    [thing1, thing2].includes(asked) && thing1 !== thing2 && owner1 !== owner2 && colour1 !== colour2,
  answer: (item) => answerOf(item, factsOf(item)[0]),
  rivals: (item) => [answerOf(item, factsOf(item)[1])],
  /** With some things the crowd answers from the other sentence. */
  crowdAnswer: (item) =>
    crowdMistake("reading", `${item.question} ${item.asked}`, [answerOf(item, factsOf(item)[1])]),
  claim(item, answer) {
    const [told, other] = factsOf(item);
    return {
      asked: item.asked,
      answer,
      relation: item.question === "who" ? "belongs to" : "is",
      owner: item.question === "who" ? answer : told.owner,
      colour: item.question === "colour" ? answer : told.colour,
      other: other.owner,
      otherColour: other.colour,
      otherThing: other.thing,
    };
  },
  short: "It is {answer}.",
  long: "The {asked} {relation} {answer}.",
  firstReason: "The text says that {owner} has a {colour} {asked}.",
  secondReason: "The text also says that {other} has a {otherColour} {otherThing}.",
});

/** The fact about the thing that is asked for, and the other one. */
function factsOf(item: Item): [Fact, Fact] {
  const first = { owner: item.owner1, colour: item.colour1, thing: item.thing1 };
  const second = { owner: item.owner2, colour: item.colour2, thing: item.thing2 };
  return item.asked === item.thing1 ? [first, second] : [second, first];
}

function answerOf({ question }: Item, fact: Fact): string {
  return question === "who" ? fact.owner : fact.colour;
}
