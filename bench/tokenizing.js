/** Tokenizing rows like Alpaca's with a tokenizer like Llama's, against the library that does it underneath, alone. */
import { measureOurs } from "./measure.js";
import { ratio } from "./ratio.js";

export function benchTokenizing({ tokenizer, rows }) {
  const ours = measureOurs("tokenize.js", tokenizer, rows, "words");
  const library = measureOurs("tokenize.js", tokenizer, rows, "library");
  if (ours.ids !== library.ids)
    throw new Error("Tokenizing: the ids differ from those of the library alone.");
  return {
    vsLibrary: ratio(ours, library),
    tokensPerSecond: ours.tokens / ours.seconds,
    ours,
    peers: { library },
  };
}
