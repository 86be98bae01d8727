/**
 * Whether a judge's reply holds a verdict that also stands in one of the responses. Such a reply is not read: the rank list
 * or score may be the judge's, or the response's, which the judge repeats.
 */
import { findRankLists } from "./judged-order.ts";
import { SAYS_DUPLICATE } from "./judged-omissions.ts";
import { findJudgedScores } from "./judged-scores.ts";

export function repeatsVerdict(reply: string, responses: readonly string[]): boolean {
  const stated = responses.flatMap((response) => [statementsIn(response), statementsIn(asRead(response))]);
  const lists = findRankLists(reply).map(({ written }) => numbersIn(written));
  const scores = [...findJudgedScores(reply)].map(([label, score]) => `${label}: ${score}`);
  const remarks = remarksIn(reply);
  return stated.some(
    (statements) =>
      lists.some((list) => statements.lists.has(list)) ||
      scores.some((score) => statements.scores.has(score)) ||
      remarks.some((remark) => statements.remarks.has(remark)),
  );
}

interface Statements {
  lists: ReadonlySet<string>;
  scores: ReadonlySet<string>;
  remarks: ReadonlySet<string>;
}

/** A judge may repeat `ｒａｎｋ`, or a word with invisible characters in it, as plain text. */
function asRead(response: string): string {
  return response.normalize("NFKC").replaceAll(/\p{Cf}/gu, "");
}

/** Numbers in a row, whatever the words and letters around them: `[0]`, `1 > 0`, `0, 1 and 2`, a number a line. */
const NUMBERS =
  /\[\s{0,5}(?:response )?\d{1,9}\s{0,5}\]|\d{1,9}(?:[\s,>]{1,5}(?:(?:and|response) )?\d{1,9})+/gi;
/** A word, a label, a mark, a score: `Response 0: 15`, `Ответ 0 = 15`. */
const SCORED =
  /\p{L}[^\p{L}\p{N}]{0,4}(\d{1,9})[^\p{L}\p{N}]{0,4}[:=-][^\p{L}\p{N}]{0,5}(\d{1,9}(?:\.\d{1,9})?)/gu;

/** More than the judge's reply is searched for: a response may spell it in ways that the judge mends. */
function statementsIn(text: string): Statements {
  return {
    lists: new Set([
      ...[...text.matchAll(NUMBERS)].map(([written]) => numbersIn(written)),
      ...findRankLists(text).map(({ written }) => numbersIn(written)),
    ]),
    scores: new Set([
      ...[...text.matchAll(SCORED)].map(([, label, score]) => `${Number(label)}: ${Number(score)}`),
      ...[...findJudgedScores(text)].map(([label, score]) => `${label}: ${score}`),
    ]),
    remarks: new Set(remarksIn(text)),
  };
}

function numbersIn(written: string): string {
  return (written.match(/\d+/g) ?? []).map(Number).join(", ");
}

/** What is said about duplicates, line by line, without marks around it. */
function remarksIn(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => SAYS_DUPLICATE.test(line) && /\d/.test(line))
    .map((line) => (line.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join(" "));
}
