/** Dates as Python's `strftime` writes them in English: chat templates name today's. */

/** Throws for a directive that is not here: a prompt with a wrong date in it would not be noticed. */
export function strftime(date: Date, format: string): string {
  return format.replaceAll(/%(-?)(.?)/g, (directive, unpadded: string, letter: string) => {
    const write = DIRECTIVES[letter];
    if (write === undefined) throw new Error(`strftime_now: unknown directive "${directive}"`);
    const text = write(date);
    return unpadded === "" ? text : text.replace(/^[0 ]+(?=.)/, "");
  });
}

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const day = (date: Date): string => DAYS[date.getDay()]!;
const month = (date: Date): string => MONTHS[date.getMonth()]!;
const two = (number: number): string => String(number).padStart(2, "0");
const DAY_MS = 86_400_000;

function dayOfYear(date: Date): number {
  const [today, newYear] = [
    Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()),
    Date.UTC(date.getFullYear(), 0, 1),
  ];
  return (today - newYear) / DAY_MS + 1;
}

const DIRECTIVES: Readonly<Record<string, (date: Date) => string>> = {
  a: (date) => day(date).slice(0, 3),
  A: day,
  b: (date) => month(date).slice(0, 3),
  B: month,
  c: (date) => strftime(date, "%a %b %e %H:%M:%S %Y"),
  d: (date) => two(date.getDate()),
  D: (date) => strftime(date, "%m/%d/%y"),
  e: (date) => String(date.getDate()).padStart(2),
  F: (date) => strftime(date, "%Y-%m-%d"),
  H: (date) => two(date.getHours()),
  I: (date) => two(date.getHours() % 12 || 12),
  j: (date) => String(dayOfYear(date)).padStart(3, "0"),
  m: (date) => two(date.getMonth() + 1),
  M: (date) => two(date.getMinutes()),
  p: (date) => (date.getHours() < 12 ? "AM" : "PM"),
  S: (date) => two(date.getSeconds()),
  T: (date) => strftime(date, "%H:%M:%S"),
  u: (date) => String(date.getDay() || 7),
  w: (date) => String(date.getDay()),
  x: (date) => strftime(date, "%m/%d/%y"),
  X: (date) => strftime(date, "%H:%M:%S"),
  y: (date) => two(date.getFullYear() % 100),
  Y: (date) => String(date.getFullYear()),
  "%": () => "%",
};
