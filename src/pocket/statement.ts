/**
 * Statements: the sentences that a family's responses are made of, and the check of any response against them. A
 * sentence is `true` if it fills a statement with values that hold for the item, `false` if it fills one with other
 * values, and `unknown` if it fills none.
 */
import { bareSentence, splitSentences } from "./sentence.ts";
import { slotNames, templateReader, type Domains, type Slots } from "./template.ts";

export interface Statement {
  /** What the statement tells, such as "home". */
  readonly point: string;
  /** Its wordings, the preferred one first. */
  readonly forms: readonly string[];
}

export interface CheckedSentence {
  text: string;
  verdict: "true" | "false" | "unknown";
  /** The point of the statement that a true or false sentence fills. */
  point?: string;
  /** What a true sentence tells: equal for two wordings of the same thing. */
  tells?: string;
}

/** Checks a response sentence by sentence. Each truth binds slots to values that hold together; a slot it leaves out may be anything. */
export type StatementCheck = (response: string, truths: readonly Slots[]) => CheckedSentence[];

export function statementCheck(statements: readonly Statement[], domains: Domains): StatementCheck {
  const readers = statements.flatMap(({ point, forms }) =>
    forms.map((form) => ({ point, read: templateReader(form.replace(/[.,!?]$/, ""), domains) })),
  );
  return (response, truths) => splitSentences(response).map((text) => checkSentence(text, truths));

  function checkSentence(text: string, truths: readonly Slots[]): CheckedSentence {
    const bare = bareSentence(text);
    let checked: CheckedSentence = { text, verdict: "unknown" };
    for (const { point, read } of readers) {
      const slots = read(bare);
      if (!slots) continue;
      const truth = truths.findIndex((binding) => agrees(slots, binding));
      if (truth >= 0) return { text, verdict: "true", point, tells: `${point} ${truth}` };
      checked = { text, verdict: "false", point };
    }
    return checked;
  }
}

/** A statement and a truth that it can tell. */
export interface Tellable {
  statement: Statement;
  truth: Slots;
}

/** Everything that can be told, each thing once: truth by truth, in the order of the statements. */
export function tellables(statements: readonly Statement[], truths: readonly Slots[]): Tellable[] {
  return truths.flatMap((truth, index) =>
    statements
      .filter((statement) => {
        const told = slotNames(statement.forms[0]!).filter((name) => name in truth);
        const slots = Object.fromEntries(told.map((name) => [name, truth[name]!]));
        return truths.findIndex((binding) => agrees(slots, binding)) === index;
      })
      .map((statement) => ({ statement, truth })),
  );
}

function agrees(slots: Slots, truth: Slots): boolean {
  return Object.entries(slots).every(([name, value]) => truth[name] === undefined || truth[name] === value);
}
