/** Which characters Python's `re` takes for letters, digits and space: of any script, unlike JavaScript's own classes. */

export type CharacterTest = (codePoint: number) => boolean;

const ASCII_SIZE = 128;
const PYTHON_SPACE: ReadonlySet<string> = new Set(["\u001C", "\u001D", "\u001E", "\u001F", "\u0085"]);

/** `\w`: what `str.isalnum` accepts, and the underscore. */
export const isWordCharacter: CharacterTest = tabulated((character) => /[\p{L}\p{N}_]/u.test(character));

/** `\d`: decimal digits. */
export const isDigit: CharacterTest = tabulated((character) => /\p{Nd}/u.test(character));

/** `\s`, and what `str.strip` takes away. JavaScript counts U+FEFF too, but not the separators U+001C to U+001F and U+0085. */
export const isSpace: CharacterTest = tabulated(
  (character) => PYTHON_SPACE.has(character) || (/\s/u.test(character) && character !== "\uFEFF"),
);

/** ASCII is looked up; nearly all text is. */
function tabulated(test: (character: string) => boolean): CharacterTest {
  const ascii = Uint8Array.from({ length: ASCII_SIZE }, (_, code) =>
    test(String.fromCharCode(code)) ? 1 : 0,
  );
  return (codePoint) =>
    codePoint < ASCII_SIZE ? ascii[codePoint] === 1 : test(String.fromCodePoint(codePoint));
}
