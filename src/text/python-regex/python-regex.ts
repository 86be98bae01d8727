/**
 * Python's regular expressions in time that grows with the text and no faster, for texts that nobody has checked:
 * whether a text matches, not where. Characters are classed as Python does it (`\w` is of any script).
 */
import { Automaton } from "./automaton.ts";
import { compileProgram } from "./program.ts";
import { parseRegex } from "./syntax.ts";

export type TextTest = (text: string) => boolean;

/** As `re.search(source, text)`. Throws a `UserError` at once for a source that is not valid. */
export function searchTest(source: string): TextTest {
  return testOf(source, { isAnchored: false });
}

/** As `re.match(source, text)`: the match begins where the text does, and may end anywhere. */
export function matchTest(source: string): TextTest {
  return testOf(source, { isAnchored: true });
}

function testOf(source: string, options: { isAnchored: boolean }): TextTest {
  const automaton = new Automaton(compileProgram(parseRegex(source)), options);
  return (text) => automaton.test(text);
}
