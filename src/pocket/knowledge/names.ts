/** Names, numbers, colours, places and days that requests are filled with. */

export const PEOPLE: readonly string[] = ["Anna", "Ben", "Emma", "Jack", "Leo", "Max", "Mia", "Nina", "Paul", "Sara", "Tom"];
export const PLACES: readonly string[] = ["beach", "farm", "forest", "lake", "market", "museum", "park", "river", "school"];
export const COLOURS: readonly string[] = ["red", "blue", "green", "yellow", "white", "black", "brown", "pink"];
/** Things that people in stories and texts own, lose and find. */
export const BELONGINGS: readonly string[] = ["ball", "bag", "book", "coat", "cup", "doll", "hat", "kite", "lamp", "robot", "scarf"];

export const DAYS: readonly string[] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
export const MONTHS: readonly string[] = [
  "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
];

/** "1" up to `last`. */
export function numbersTo(last: number): string[] {
  return Array.from({ length: last }, (_, index) => String(index + 1));
}

/** The value once before and once after another in a circle, as Sunday and Tuesday are to Monday. */
export function stepAround(circle: readonly string[], from: string, step: 1 | -1): string {
  return circle[(circle.indexOf(from) + step + circle.length) % circle.length]!;
}
