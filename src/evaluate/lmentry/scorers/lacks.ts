/** The test with which several scorers begin: a prediction without the answer is wrong. */
import { type TextTest, searchTest } from "../../../text/python-regex/python-regex.ts";

export function lacks(word: string): TextTest {
  const hasWord = searchTest(String.raw`\b${word}\b`);
  return (prediction) => !hasWord(prediction);
}
