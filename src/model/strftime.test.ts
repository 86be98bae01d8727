import { expect, test } from "vitest";
import { strftime } from "./strftime.ts";

/** Python: `datetime(2024, 3, 5, 14, 7, 9).strftime(...)`, and `datetime(2024, 12, 31, 0, 30)`. */
const SPRING = new Date(2024, 2, 5, 14, 7, 9);
const WINTER = new Date(2024, 11, 31, 0, 30);

test.each([
  ["%d %b %Y", "05 Mar 2024", "31 Dec 2024"],
  ["%A, %B %-d, %Y", "Tuesday, March 5, 2024", "Tuesday, December 31, 2024"],
  ["%Y-%m-%d %H:%M:%S", "2024-03-05 14:07:09", "2024-12-31 00:30:00"],
  ["%a %e %I:%M %p %y %%", "Tue  5 02:07 PM 24 %", "Tue 31 12:30 AM 24 %"],
  ["%j %-j %-m %u %w %-H", "065 65 3 2 2 14", "366 366 12 2 2 0"],
  [
    "%c | %x | %X | %F %T | %D",
    "Tue Mar  5 14:07:09 2024 | 03/05/24 | 14:07:09 | 2024-03-05 14:07:09 | 03/05/24",
    "Tue Dec 31 00:30:00 2024 | 12/31/24 | 00:30:00 | 2024-12-31 00:30:00 | 12/31/24",
  ],
])("%s", (format, spring, winter) => {
  expect(strftime(SPRING, format)).toBe(spring);
  expect(strftime(WINTER, format)).toBe(winter);
});

test("what it does not know is an error, not a wrong date", () => {
  expect(() => strftime(SPRING, "%Q")).toThrow('unknown directive "%Q"');
  expect(() => strftime(SPRING, "50%")).toThrow('unknown directive "%"');
});
