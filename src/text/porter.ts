/**
 * The Porter stemmer as google's rouge_score uses it: the algorithm of 1980 (M. F. Porter, "An algorithm for suffix
 * stripping", Program 14(3)) with the departures that NLTK makes by default (its NLTK_EXTENSIONS mode), marked here
 * "NLTK". The steps keep the numbers of Porter's paper.
 */

/** The stem of a lower-case word of a-z and 0-9. Digits count as consonants. */
export function porterStem(word: string): string {
  const irregular = IRREGULAR.get(word);
  if (irregular !== undefined) return irregular;
  if (word.length <= 2) return word;
  return STEPS.reduce((stem, step) => step(stem), word);
}

/** NLTK: words whose stem is looked up. */
const IRREGULAR = new Map([
  ["skies", "sky"],
  ["sky", "sky"],
  ["dying", "die"],
  ["lying", "lie"],
  ["tying", "tie"],
  ["news", "news"],
  ["innings", "inning"],
  ["inning", "inning"],
  ["outings", "outing"],
  ["outing", "outing"],
  ["cannings", "canning"],
  ["canning", "canning"],
  ["howe", "howe"],
  ["proceed", "proceed"],
  ["exceed", "exceed"],
  ["succeed", "succeed"],
]);

const STEPS: readonly ((word: string) => string)[] = [
  step1a,
  step1b,
  step1c,
  step2,
  step3,
  step4,
  step5a,
  step5b,
];

/** Plurals. */
function step1a(word: string): string {
  if (word.length === 4 && word.endsWith("ies")) return word.slice(0, -1); // NLTK: dies -> die
  return replaceFirst(word, [
    { suffix: "sses", by: "ss" },
    { suffix: "ies", by: "i" },
    { suffix: "ss", by: "ss" },
    { suffix: "s", by: "" },
  ]);
}

/** -ed and -ing. */
function step1b(word: string): string {
  if (word.endsWith("ied")) return word.slice(0, word.length === 4 ? -1 : -2); // NLTK: died -> die, spied -> spi
  if (word.endsWith("eed")) return measure(word.slice(0, -3)) > 0 ? word.slice(0, -1) : word;
  for (const suffix of ["ed", "ing"]) {
    const stem = word.slice(0, -suffix.length);
    if (word.endsWith(suffix) && shapeOf(stem).includes("v")) return mendEnd(stem);
  }
  return word;
}

/** What step 1b does to a stem that has lost its -ed or -ing: conflat -> conflate, hopp -> hop, fil -> file. */
function mendEnd(stem: string): string {
  if (["at", "bl", "iz"].some((end) => stem.endsWith(end))) return `${stem}e`;
  const last = stem.at(-1)!;
  if (last === stem.at(-2) && shapeOf(stem).endsWith("c"))
    return "lsz".includes(last) ? stem : stem.slice(0, -1);
  return measure(stem) === 1 && endsInShortSyllable(stem) ? `${stem}e` : stem;
}

/** Final y. NLTK asks for a consonant before it (enjoy stays) and for a stem of more than one letter. */
function step1c(word: string): string {
  const stem = word.slice(0, -1);
  return word.endsWith("y") && stem.length > 1 && shapeOf(stem).endsWith("c") ? `${stem}i` : word;
}

function step2(word: string): string {
  if (word.endsWith("alli") && positive(word.slice(0, -4))) return step2(word.slice(0, -2)); // NLTK
  return replaceFirst(word, DOUBLE_SUFFIXES);
}

function step3(word: string): string {
  return replaceFirst(word, ADJECTIVE_SUFFIXES);
}

function step4(word: string): string {
  return replaceFirst(word, SINGLE_SUFFIXES);
}

/** Final e. */
function step5a(word: string): string {
  if (!word.endsWith("e")) return word;
  const stem = word.slice(0, -1);
  const syllables = measure(stem);
  return syllables > 1 || (syllables === 1 && !endsInShortSyllable(stem)) ? stem : word;
}

/** Final ll. */
function step5b(word: string): string {
  return word.endsWith("ll") && measure(word.slice(0, -1)) > 1 ? word.slice(0, -1) : word;
}

interface Rule {
  suffix: string;
  by: string;
  when?: (stem: string) => boolean;
}

/** The first rule whose suffix fits decides, even if its condition then leaves the word as it is. */
function replaceFirst(word: string, rules: readonly Rule[]): string {
  for (const { suffix, by, when } of rules) {
    if (!word.endsWith(suffix)) continue;
    const stem = word.slice(0, word.length - suffix.length);
    return when === undefined || when(stem) ? stem + by : word;
  }
  return word;
}

const positive = (stem: string): boolean => measure(stem) > 0;
const aboveOne = (stem: string): boolean => measure(stem) > 1;

const DOUBLE_SUFFIXES: readonly Rule[] = [
  { suffix: "ational", by: "ate", when: positive },
  { suffix: "tional", by: "tion", when: positive },
  { suffix: "enci", by: "ence", when: positive },
  { suffix: "anci", by: "ance", when: positive },
  { suffix: "izer", by: "ize", when: positive },
  { suffix: "bli", by: "ble", when: positive }, // NLTK: not only -abli
  { suffix: "alli", by: "al", when: positive },
  { suffix: "entli", by: "ent", when: positive },
  { suffix: "eli", by: "e", when: positive },
  { suffix: "ousli", by: "ous", when: positive },
  { suffix: "ization", by: "ize", when: positive },
  { suffix: "ation", by: "ate", when: positive },
  { suffix: "ator", by: "ate", when: positive },
  { suffix: "alism", by: "al", when: positive },
  { suffix: "iveness", by: "ive", when: positive },
  { suffix: "fulness", by: "ful", when: positive },
  { suffix: "ousness", by: "ous", when: positive },
  { suffix: "aliti", by: "al", when: positive },
  { suffix: "iviti", by: "ive", when: positive },
  { suffix: "biliti", by: "ble", when: positive },
  { suffix: "fulli", by: "ful", when: positive }, // NLTK
  { suffix: "logi", by: "log", when: (stem) => positive(`${stem}l`) }, // NLTK
];

const ADJECTIVE_SUFFIXES: readonly Rule[] = [
  { suffix: "icate", by: "ic", when: positive },
  { suffix: "ative", by: "", when: positive },
  { suffix: "alize", by: "al", when: positive },
  { suffix: "iciti", by: "ic", when: positive },
  { suffix: "ical", by: "ic", when: positive },
  { suffix: "ful", by: "", when: positive },
  { suffix: "ness", by: "", when: positive },
];

const SINGLE_SUFFIXES: readonly Rule[] = [
  ...["al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent"].map(dropAboveOne),
  { suffix: "ion", by: "", when: (stem) => /[st]$/.test(stem) && aboveOne(stem) },
  ...["ou", "ism", "ate", "iti", "ous", "ive", "ize"].map(dropAboveOne),
];

function dropAboveOne(suffix: string): Rule {
  return { suffix, by: "", when: aboveOne };
}

/** Porter's m: how often a vowel is followed by a consonant. */
function measure(stem: string): number {
  return shapeOf(stem).split("vc").length - 1;
}

/** Porter's *o: consonant, vowel, consonant other than w, x, y (wil, hop). NLTK: or a word of vowel and consonant. */
function endsInShortSyllable(stem: string): boolean {
  const shape = shapeOf(stem);
  return shape === "vc" || (shape.endsWith("cvc") && !/[wxy]$/.test(stem));
}

/** `syzygy` -> `cvcvcv`. A y is a vowel after a consonant. */
function shapeOf(word: string): string {
  let shape = "";
  let previous = "";
  for (const letter of word) {
    const isVowel = letter === "y" ? previous === "c" : "aeiou".includes(letter);
    previous = isVowel ? "v" : "c";
    shape += previous;
  }
  return shape;
}
