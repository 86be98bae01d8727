/** Finds the judge's rank list, `rank: [2, 0, 1]`, in its reply. */

export interface JudgedOrder {
  /** The list's entries as written; undefined where the list holds anything but response numbers. */
  labels: number[] | undefined;
  /** The list as written, for messages. */
  written: string;
  /** Where its line starts in the reply. */
  lineStart: number;
}

/** `rank: [...]`, `Ranking:\n**[...]**`, `The ranking is [...]`. */
const BRACKETED =
  /\branks?(?:ings?)?\b[^\w[\n]{0,20}(?:is\b[^\w[\n]{0,20})?\n?[^\w[\n]{0,20}\[([^\]]{0,500})\]/gi;
/** `rank: 4 > 2 > 1`, `ranking:\n4, 2, 1.`: two numbers or more, and nothing else on the line. */
const BARE =
  /\brank(?:ing)?\b[^\w[\n:]{0,20}:[^\w[\n]{0,20}\n?[^\w[\n]{0,20}((?:response )?\d+(?:[^\S\n]{0,5}[,>][^\S\n]{0,5}(?:response )?\d+)+)[^\w\n]*$/gim;
/** What may stand before a rank list on the line that states it. */
const LEAD_IN =
  /^(?:[^\w\n]*\b(?:the|my|your|our|final|last|lastly|overall|so|therefore|thus|finally|corrected|revised)\b)*[^\w\n]*$/i;

/**
 * The last list that stands alone on its line, else the last list of all: so neither an example from the
 * prompt nor a list quoted from a response within a sentence wins. Lists without a digit (`rank: [i, j, k]`)
 * are the prompt's examples.
 */
export function findJudgedOrder(reply: string): JudgedOrder | undefined {
  const lists = findRankLists(reply);
  const { written, start } = lists.findLast(({ isAlone }) => isAlone) ?? lists.at(-1) ?? {};
  if (written === undefined || start === undefined) return undefined;
  return { labels: readLabels(written), written, lineStart: lineStartOf(start, reply) };
}

export interface WrittenList {
  written: string;
  /** Of its words (`rank: [`) in the text. */
  start: number;
  /** Whether the line that states it states nothing else. */
  isAlone: boolean;
}

/** Every rank list with a number in it, in order. */
export function findRankLists(text: string): WrittenList[] {
  return [...text.matchAll(BRACKETED), ...text.matchAll(BARE)]
    .filter((match) => /\d/.test(match[1]!))
    .toSorted((first, second) => first.index - second.index)
    .map((match) => ({ written: match[1]!, start: match.index, isAlone: standsAlone(match, text) }));
}

function standsAlone(match: RegExpExecArray, reply: string): boolean {
  const end = match.index + match[0].length;
  const before = reply.slice(lineStartOf(match.index, reply), match.index);
  const after = /^[^\n]*/.exec(reply.slice(end))![0];
  return LEAD_IN.test(before) && !/\w/.test(after);
}

function lineStartOf(index: number, reply: string): number {
  return reply.lastIndexOf("\n", index - 1) + 1;
}

function readLabels(written: string): number[] | undefined {
  const entries = written.split(/[,>]/).map((entry) => /^\s*(?:response\s*)?(\d+)\s*$/i.exec(entry)?.[1]);
  return entries.includes(undefined) ? undefined : entries.map(Number);
}
