/** Texts that nobody here wrote, such as a model's answers: made safe to look at, and short enough to read. */

/**
 * Everything that would act rather than show is written out by its number, `⟨U+001B⟩`: control characters, those of a
 * terminal's colour codes among them, and what reorders or hides text.
 */
export function visibleText(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll(ACTING, (character) => {
    const number = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
    return `⟨U+${number}⟩`;
  });
}

/** Controls but line ends and tabs; marks and overrides of direction; lone surrogates; separators; byte order marks; tags. */
const ACTING = /[^\P{Cc}\n\t]|\p{Bidi_Control}|\p{Cs}|[\u2028\u2029\uFEFF\u{E0000}-\u{E007F}]/gu;

export interface ShortText {
  readonly text: string;
  /** How many characters (code points) are left out at its end. */
  readonly more: number;
}

/** A few characters over are not worth a cut. */
export function shortText(text: string, { most, slack = 40 }: { most: number; slack?: number }): ShortText {
  const characters = Array.from(text);
  if (characters.length <= most + slack) return { text, more: 0 };
  return { text: characters.slice(0, most).join(""), more: characters.length - most };
}

/** What stands behind a text that was cut. */
export function moreText(more: number): string {
  return `… ${more.toLocaleString("en")} more character${more === 1 ? "" : "s"}`;
}
