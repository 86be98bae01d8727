/** Lengths of real texts, from ../shared/data beside the checkout. Nothing of a text but its length leaves this file. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { encodeResponses } from "../dist/data/encode.js";
import { createTokenizer, promptOf } from "../dist/model/index.js";
import { randomStream } from "../dist/random.js";
import { TRAIN_DEFAULTS } from "../dist/train/settings.js";

const DATA = join(import.meta.dirname, "../../shared/data");
const WINDOW = TRAIN_DEFAULTS.maxLength;

export function hasTexts() {
  return existsSync(DATA);
}

/** `{prompt, responses}` in tokens, cut to the window of training: at most `number` lists of Alpaca, all of the long ones. */
export function textLengths(number) {
  const tokenizer = llamaTokenizer();
  return { alpaca: inWindow(alpacaLengths(tokenizer, number)), long: inWindow(longLengths(tokenizer)) };
}

/**
 * Prompt and original are an Alpaca row's. The data has no further responses to it, so the other four lengths are those of a
 * human's and three text-davinci models' responses to one instruction of self-instruct's evaluation. Rows sorted by output are
 * paired with instructions sorted by the response of text-davinci-003, which wrote Alpaca's outputs: so an original and the
 * others are long or short together, as several responses of that model to one instruction are.
 */
function alpacaLengths(tokenizer, number) {
  const rows = randomStream("bench rows").shuffle(randomAlpacaRows()).slice(0, number);
  const originals = rows.map((row) => lengthsOf(tokenizer, promptOf("alpaca", row), [row.output]));
  const others = readLines("instructions/self_instruct_252_predictions.jsonl").map((row) => {
    const davinci = [1, 2, 3].map((version) => row.responses[`text-davinci-00${version}`].trim());
    return lengthsOf(tokenizer, promptOf("alpaca", row), [row.output, ...davinci]).responses;
  });
  const sortedOthers = others.toSorted((a, b) => a.at(-1) - b.at(-1));
  return originals
    .toSorted((a, b) => a.responses[0] - b.responses[0])
    .map(({ prompt, responses }, place) => {
      const paired = sortedOthers[Math.floor((place / originals.length) * others.length)];
      return { prompt, responses: [...responses, ...paired] };
    });
}

/** Those that AlpaGasus drew at random from all 52,000: the others were chosen for their quality, and are longer or shorter. */
function randomAlpacaRows() {
  const rows = readJson("instructions/alpaca_davinci003_subset.json");
  const sources = readJson("instructions/alpaca_davinci003_subset.sources.json");
  const random = sources.names.indexOf("alpagasus_random_9k");
  return rows.filter((_, index) => sources.rows[index].includes(random));
}

/** The alpaca_eval ranking set: four models' responses to each instruction, which is the whole prompt here. */
function longLengths(tokenizer) {
  return readLines("alpaca_eval/contextual_ranking_from_prefs.jsonl").map(({ instruction, output }) =>
    lengthsOf(tokenizer, instruction, output),
  );
}

function lengthsOf(tokenizer, prompt, responses) {
  const options = { maxLength: Infinity, eosId: tokenizer.eosId };
  const sequences = encodeResponses(tokenizer, { prompt, responses }, options);
  return {
    prompt: sequences[0].labelStart,
    responses: sequences.map(({ ids, labelStart }) => ids.length - labelStart),
  };
}

/** As training does: sequences are cut, and a list whose prompt fills the window is dropped. */
function inWindow(lists) {
  return lists
    .filter(({ prompt }) => prompt < WINDOW)
    .map(({ prompt, responses }) => ({
      prompt,
      responses: responses.map((length) => Math.min(length, WINDOW - prompt)),
    }));
}

function llamaTokenizer() {
  const [tokenizer, config] = ["tokenizer", "tokenizer_config"].map((name) =>
    read(`llama-tokenizer/${name}.json`),
  );
  return createTokenizer({ tokenizer, config }, join(DATA, "llama-tokenizer"));
}

function readLines(name) {
  return read(name).trim().split("\n").map(JSON.parse);
}

function readJson(name) {
  return JSON.parse(read(name));
}

function read(name) {
  return readFileSync(join(DATA, name), "utf8");
}
