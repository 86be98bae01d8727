/** Numbers below a thousand in English words, as Python's `num2words` writes them: seven hundred and twenty-three. */

const SMALL =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

/** Above what LMentry has. */
export const LARGEST_NUMBER = 999;

export function numberWords(number: number): string {
  if (number < SMALL.length) return SMALL[number]!;
  if (number < 100) return joined(TENS[Math.floor(number / 10) - 2]!, "-", number % 10);
  return joined(`${SMALL[Math.floor(number / 100)]!} hundred`, " and ", number % 100);
}

function joined(first: string, between: string, rest: number): string {
  return rest === 0 ? first : `${first}${between}${numberWords(rest)}`;
}
