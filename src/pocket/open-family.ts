/**
 * Builds an open-ended family: a good response tells several true things about its item. What can be told is the
 * family's statements, filled with the item's truths.
 */
import { randomStream, type RandomStream } from "../random.ts";
import { askSheet, type Ask } from "./asks.ts";
import type { OpenFamily } from "./family.ts";
import type { Detail } from "./quality.ts";
import { joinSentences } from "./sentence.ts";
import { statementCheck, tellables, type Statement, type Tellable } from "./statement.ts";
import { gradeTelling } from "./telling.ts";
import { fill, fillings, slotNames, wordsOf, type Domains, type Slots } from "./template.ts";

export interface OpenSpec<Item extends Slots> {
  name: string;
  asks: readonly Ask[];
  /** The values of every slot that occurs in `asks` and in the statements. */
  domains: Domains;
  draw(stream: RandomStream): Item;
  /** False for slot values that make no item together; by default all do. */
  isItem?(item: Item): boolean;
  statements: readonly Statement[];
  /** The point that no response leaves out; without one, any point will do. */
  core?: string;
  /** What holds for the item: bindings of the statements' slots. A slot that none of them binds is free. */
  truths(item: Item): readonly Slots[];
  /** What a wrong response may get wrong. */
  mistakes(item: Item): readonly Mistake[];
}

export interface Mistake {
  slot: string;
  wrongValues: readonly string[];
  /** The wrong value that the crowd shares, where it shares one. */
  crowdValue: string | undefined;
}

/** A full response makes five points, and the rubric's detail goes from 0 to 5. */
const FULL_POINTS = 5;

export function openFamily<Item extends Slots>(spec: OpenSpec<Item>): OpenFamily {
  const { name, domains, statements, core } = spec;
  const asks = askSheet(spec);
  const check = statementCheck(statements, domains);
  const crowdMistake = (item: Item): Mistake | undefined =>
    spec.mistakes(item).find(({ crowdValue }) => crowdValue !== undefined);
  const tellablesOf = (item: Item): Tellable[] => tellables(statements, spec.truths(item));
  return {
    name,
    kind: "open",
    draw: (stream) => spec.draw(stream),
    render: (item: Item, stream) => asks.render(item, stream),
    recognise: (task) => asks.recognise(task),
    hasCrowdMistake: (item: Item) => crowdMistake(item) !== undefined,
    respond(item: Item, { detail, isRight }, stream) {
      const mistake = isRight ? undefined : (crowdMistake(item) ?? stream.pick(spec.mistakes(item)));
      const count = countPoints(detail, stream);
      const points = choosePoints(tellablesOf(item), { count, core, mistake, stream });
      return joinSentences(
        points.map(({ statement, truth }) => tell(stream.pick(statement.forms), truth, stream)),
      );
    },
    reference,
    statement: reference,
    grade(item: Item, response) {
      const availablePoints = Math.min(FULL_POINTS, tellablesOf(item).length);
      return gradeTelling(check(response, spec.truths(item)), availablePoints);
    },
    texts() {
      const forms = statements.flatMap((statement) => statement.forms).flatMap((form) => [form, ` ${form}`]);
      return [...asks.texts(), ...forms.flatMap((form) => fillings(form, domains))];
    },
  };

  function reference(item: Item): string {
    const stream = randomStream("pocket reference", name, JSON.stringify(spec.truths(item)));
    const points = tellablesOf(item).slice(0, FULL_POINTS);
    return joinSentences(points.map(({ statement, truth }) => tell(statement.forms[0]!, truth, stream)));
  }

  /** One wording of a point; its free slots get any value. */
  function tell(form: string, truth: Slots, stream: RandomStream): string {
    const free = slotNames(form).filter((slot) => !(slot in truth));
    const chosen = free.map((slot) => [slot, stream.pick(wordsOf(domains, slot))]);
    return fill(form, { ...truth, ...Object.fromEntries(chosen) });
  }
}

function countPoints(detail: Detail, stream: RandomStream): number {
  if (detail === "terse") return 1;
  return detail === "plain" ? 2 + stream.integer(2) : 4 + stream.integer(2);
}

interface PointChoice {
  count: number;
  core: string | undefined;
  mistake: Mistake | undefined;
  stream: RandomStream;
}

/** Chooses `count` points in their own order, or more where the core and the mistake need more. */
function choosePoints(
  points: readonly Tellable[],
  { count, core, mistake, stream }: PointChoice,
): Tellable[] {
  const shuffled = stream.shuffle(points);
  const mistaken =
    mistake && shuffled.find(({ statement }) => slotNames(statement.forms[0]!).includes(mistake.slot));
  const needed = points.filter((point) => point === mistaken || point.statement.point === core);
  const others = shuffled.filter((point) => !needed.includes(point));
  const chosen = new Set([...needed, ...others.slice(0, Math.max(0, count - needed.length))]);
  return points
    .filter((point) => chosen.has(point))
    .map((point) => (mistake && point === mistaken ? getWrong(point, mistake, stream) : point));
}

function getWrong({ statement, truth }: Tellable, mistake: Mistake, stream: RandomStream): Tellable {
  const value = mistake.crowdValue ?? stream.pick(mistake.wrongValues);
  return { statement, truth: { ...truth, [mistake.slot]: value } };
}
