/**
 * `node tokenize.js TOKENIZER.json ROWS.json words|library`: every text of every row to ids, timed: word by word, as Tuna
 * does it, or by `@huggingface/tokenizers` alone.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Tokenizer } from "@huggingface/tokenizers";
import { createTokenizer } from "../../dist/model/tokenizer.js";
import { fastest, report } from "./report.js";

const [filesPath, rowsPath, how] = process.argv.slice(2);
const files = JSON.parse(readFileSync(filesPath, "utf8"));
const texts = JSON.parse(readFileSync(rowsPath, "utf8")).flat();
// One for each repeat: a tokenizer that knows the words already would be faster.
const fresh = [open(), open()];
const { seconds, result } = await fastest(fresh.length, () => texts.map(fresh.pop()));
report({
  seconds,
  tokens: result.reduce((sum, ids) => sum + ids.length, 0),
  ids: createHash("sha256").update(JSON.stringify(result)).digest("hex"),
});

function open() {
  if (how === "words") {
    const tokenizer = createTokenizer(files, filesPath);
    return (text) => tokenizer.encode(text);
  }
  const tokenizer = new Tokenizer(JSON.parse(files.tokenizer), JSON.parse(files.config));
  return (text) => tokenizer.encode(text).ids;
}
