/**
 * Templates: texts with `{slot}` gaps that can be filled with words and read back. Every text of the pocket world is a
 * filled template, so its judge can recognise any text that the world, or a model trained on it, writes.
 */
import { InternalError } from "../errors.ts";

/** The words that fill the gaps of a template, by slot name. */
export type Slots = Readonly<Record<string, string>>;

/** The values that a slot may take: one of these words, or a list of them ("dog, apple, drum"). */
export type Domain = readonly string[] | { readonly listOf: readonly string[] };
export type Domains = Readonly<Record<string, Domain>>;

const SLOT = /\{(\w+)\}/;
/** Every word of the world that starts with a vowel takes "an". */
const ARTICLE_BEFORE_VOWEL = /\b([Aa]) (?=[aeiou])/g;

/** The text of a template whose slots are filled; "a" becomes "an" where the next word asks for it. */
export function fill(template: string, slots: Slots): string {
  const text = template.replace(new RegExp(SLOT, "g"), (_, name: string) => {
    const value = slots[name];
    if (value === undefined) {
      throw new InternalError(`template "${template}" got no value for {${name}}`, {
        code: "pocket-slot-unfilled",
      });
    }
    return value;
  });
  return text.replace(ARTICLE_BEFORE_VOWEL, "$1n ");
}

/**
 * A reader of filled templates: the slots of a text, or undefined where the text is no filling of the template. It
 * ignores letter case and gives the values as their domain spells them; a slot that occurs twice must read the same twice.
 */
export function templateReader(template: string, domains: Domains): (text: string) => Slots | undefined {
  const names = slotNames(template);
  const spellings = names.map((name) => spelling(domainOf(domains, name)));
  const parts = template.split(SLOT).map((part, index) => {
    const isSlot = index % 2 === 1;
    return isSlot ? `(${domainPattern(domainOf(domains, part))})` : literalPattern(part);
  });
  const pattern = new RegExp(`^${parts.join("")}$`, "i");
  return (text) => {
    const match = pattern.exec(text);
    if (!match) return undefined;
    const entries = names.map((name, index) => [name, spellings[index]!(match[index + 1]!)] as const);
    const slots = Object.fromEntries(entries);
    return entries.every(([name, value]) => slots[name] === value) ? slots : undefined;
  };
}

/** The names of a template's slots, in the order of their gaps. */
export function slotNames(template: string): string[] {
  return [...template.matchAll(new RegExp(SLOT, "g"))].map((match) => match[1]!);
}

/** Fillings of a template that together show every value of every slot at least once. */
export function fillings(template: string, domains: Domains): string[] {
  const names = slotNames(template);
  const values = names.map((name) => shownValues(domainOf(domains, name)));
  const rounds = Math.max(1, ...values.map((list) => list.length));
  return Array.from({ length: rounds }, (_, round) =>
    fill(
      template,
      Object.fromEntries(names.map((name, slot) => [name, values[slot]![round % values[slot]!.length]!])),
    ),
  );
}

/** The words that a slot may take, one by one or in lists. */
export function wordsOf(domains: Domains, slot: string): readonly string[] {
  const domain = domainOf(domains, slot);
  return "listOf" in domain ? domain.listOf : domain;
}

function shownValues(domain: Domain): readonly string[] {
  return "listOf" in domain ? domain.listOf.map((word) => `${word}, ${word}`) : domain;
}

function domainPattern(domain: Domain): string {
  if (!("listOf" in domain)) return oneOf(domain);
  return `(?:${oneOf(domain.listOf)})(?:, (?:${oneOf(domain.listOf)}))*`;
}

/** Maps a value in any letter case to its spelling in the domain. */
function spelling(domain: Domain): (value: string) => string {
  const words = "listOf" in domain ? domain.listOf : domain;
  const known = new Map(words.map((word) => [word.toLowerCase(), word]));
  const spell = (value: string): string => known.get(value.toLowerCase())!;
  return "listOf" in domain ? (value) => value.split(", ").map(spell).join(", ") : spell;
}

/** An article before a slot may read "a" or "an". */
function literalPattern(text: string): string {
  return escapeRegExp(text).replace(/\b([Aa]) $/, "$1n? ");
}

function domainOf(domains: Domains, name: string): Domain {
  const domain = domains[name];
  if (domain === undefined) {
    throw new InternalError(`slot {${name}} has no domain; known: ${Object.keys(domains).join(", ")}`, {
      code: "pocket-domain-missing",
    });
  }
  return domain;
}

/** Longest first, so that "in the sea" is not cut short by a value that it starts with. */
function oneOf(words: readonly string[]): string {
  return [...new Set(words)]
    .toSorted((a, b) => b.length - a.length)
    .map(escapeRegExp)
    .join("|");
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
