/** Answering the questions of many tasks in common batches, against task by task, both ours. */
import { measureOurs } from "./measure.js";
import { ratio } from "./ratio.js";

export function benchAnswering({ model, questions }) {
  const together = measureOurs("answer.js", model, questions, "together");
  const oneByOne = measureOurs("answer.js", model, questions, "one-by-one");
  return { vsOneByOne: ratio(together, oneByOne), ours: together, peers: { oneByOne } };
}
