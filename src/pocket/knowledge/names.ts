/** Names, numbers, colours, places and days that requests are filled with. */

export const PEOPLE: readonly string[] = words("Anna Ben Emma Jack Leo Max Mia Nina Paul Sara Tom");
export const PLACES: readonly string[] = words("beach farm forest lake market museum park river school");
export const COLOURS: readonly string[] = words("red blue green yellow white black brown pink");
/** Things that people in texts and stories own or find. */
export const BELONGINGS: readonly string[] = words("bag ball book coat cup doll hat kite lamp robot scarf");
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
