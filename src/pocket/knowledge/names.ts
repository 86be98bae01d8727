/** Names, numbers, places and days that requests are filled with. Few of each: a tiny model must learn to copy them. */

export const PEOPLE: readonly string[] = words("Anna Ben Emma Jack Leo Mia Sara Tom");
export const PLACES: readonly string[] = words("beach forest lake market park school");
/** Things that people in texts and stories own or find. */
export const BELONGINGS: readonly string[] = words("bag ball book coat doll hat kite lamp");
export const DAYS: readonly string[] = words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday");
export const MONTHS: readonly string[] = words(
  "January February March April May June July August September October November December",
);

/** "1" up to `last`. */
export function numbersTo(last: number): string[] {
  return Array.from({ length: last }, (_, index) => String(index + 1));
}

function words(text: string): string[] {
  return text.split(" ");
}
