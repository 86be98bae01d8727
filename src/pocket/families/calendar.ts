/** Close-ended: the day or month before or after another. */
import { closedFamily } from "../closed-family.ts";
import { crowdMistake } from "../crowd.ts";
import type { ClosedFamily } from "../family.ts";
import { DAYS, MONTHS, PEOPLE } from "../knowledge/names.ts";
import { otherThan } from "../knowledge/things.ts";

type Item = { unit: string; way: string; date: string; name: string };

const WAYS = ["after", "before"];
const DATES = [...DAYS, ...MONTHS];
const datesOf = (unit: string): readonly string[] => (unit === "day" ? DAYS : MONTHS);
const reverse = (way: string): string => otherThan(WAYS, way)[0]!;

export const calendar: ClosedFamily = closedFamily<Item>({
  name: "calendar",
  asks: [
    "What {unit} comes {way} {date}?",
    "Which {unit} do we have {way} {date}?",
    "Name the {unit} {way} {date}.",
    "Tell me the {unit} {way} {date}.",
    "Which {unit} is just {way} {date}?",
    "I need the {unit} that comes {way} {date}.",
    "Do you know which {unit} comes {way} {date}?",
    "My friend {name} asks which {unit} comes {way} {date}.",
  ],
  domains: {
    unit: ["day", "month"],
    name: PEOPLE,
    way: WAYS,
    date: DATES,
    answer: DATES,
    reverse: WAYS,
    whole: ["week has 7 days", "year has 12 months"],
  },
  draw(stream) {
    const unit = stream.float() < 0.4 ? "day" : "month";
    return { unit, way: stream.pick(WAYS), date: stream.pick(datesOf(unit)), name: stream.pick(PEOPLE) };
  },
  isItem: ({ unit, date }) => datesOf(unit).includes(date),
  answer: (item) => neighbour(item, item.way),
  rivals: (item) => otherThan(datesOf(item.unit), item.date, neighbour(item, item.way)),
  /** About some dates the crowd takes before for after. */
  crowdAnswer: (item) =>
    crowdMistake("calendar", `${item.way} ${item.date}`, [neighbour(item, reverse(item.way))]),
  claim: ({ unit, way, date }, answer) => ({
    unit,
    way,
    date,
    answer,
    reverse: reverse(way),
    whole: unit === "day" ? "week has 7 days" : "year has 12 months",
  }),
  short: "It is {answer}.",
  long: "The {unit} {way} {date} is {answer}.",
  firstReason: "{date} comes {reverse} {answer}.",
  secondReason: "A {whole}.",
});

/** The calendar is a circle: Monday comes after Sunday. */
function neighbour({ unit, date }: Item, way: string): string {
  const circle = datesOf(unit);
  const step = way === "after" ? 1 : circle.length - 1;
  return circle[(circle.indexOf(date) + step) % circle.length]!;
}
