/** Which responses are quoted in a contextual ranking prompt: one may hold `###Response 2:`, `rank: [0]`, or an instruction to the judge. */

/**
 * Whether a reader could take a part of the text for the prompt's own. It errs towards yes, which only means quoting.
 * What it must never miss is a line `###Response k:`: an unquoted prompt is read by these.
 */
export function couldBeMistaken(text: string): boolean {
  if (/[^\P{C}\n\t]|[\u2028\u2029]/u.test(text)) return true;
  const plain = text.normalize("NFKC");
  return MISTAKABLE.some((pattern) => pattern.test(plain));
}

const MISTAKABLE = [
  // A heading: `# Title`.
  /^[^\p{L}\p{N}\n]*#/mu,
  // A numbered heading in any language: `Response 2:`, `Ответ 2:`.
  /^[^\p{L}\p{N}\n]*\p{L}[\p{L}\p{M} ]{0,40}\p{N}{1,4}[^\p{L}\p{N}\n]{0,4}:/mu,
  // The words of the prompt, and of those who speak to the judge.
  /\b(?:responses?|rank(?:s|ed|ings?)?|scores?|ratings?|judges?|instructions?|prompts?|ignore|disregard)\b/i,
  // Markup and code: `<system>`, `[INST]`, fences, JSON.
  /[<[{][|/!]?\p{L}|```|~~~|"""|"\s?:/u,
];
