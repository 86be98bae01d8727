/**
 * `node data.js [LISTS [ROWS]]`: commands that read and write many rows, each in a process of its own: probabilistic ranking
 * of 52,000 lists of four responses, and the conversion of a million rows from one kind of file to the next. Prints a line
 * of JSON for each: seconds and peak memory of the whole process.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { writeJsonLines } from "../../dist/data/jsonl.js";

const WORDS = "the model of language gives a longer answer about many things that people ask it".split(" ");
const KINDS = ["json", "jsonl", "parquet", "csv.gz", "json"];

const [numLists = 52_000, numRows = 1_000_000] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), "tuna-bench-data-"));
const path = (name) => join(folder, name);
try {
  await writeJsonLines(path("sampled.jsonl"), sampledLists(numLists));
  const out = path("ranked.jsonl");
  measure("rank probabilistic", { rows: numLists, data: path("sampled.jsonl"), out });

  await writeJsonLines(path("0.jsonl"), instructionRows(numRows));
  for (const [index, kind] of KINDS.entries()) {
    const data = index === 0 ? path("0.jsonl") : path(`${index}.${KINDS[index - 1]}`);
    measure("data convert", { rows: numRows, data, out: path(`${index + 1}.${kind}`) });
    rmSync(data);
  }
} finally {
  rmSync(folder, { recursive: true });
}

function measure(command, { rows, data, out }) {
  const main = pathToFileURL(join(import.meta.dirname, "../../dist/cli/main.js")).href;
  const program = `
    const { main } = await import(${JSON.stringify(main)});
    process.exitCode = await main(process.argv.slice(1));
    process.stderr.write("\\n" + process.resourceUsage().maxRSS);`;
  const argv = [...command.split(" "), "--data", data, "--out", out];
  const start = performance.now();
  const child = spawnSync(process.execPath, ["--input-type=module", "--eval", program, ...argv], {
    encoding: "utf8",
  });
  const seconds = (performance.now() - start) / 1000;
  if (child.status !== 0) throw new Error(child.stderr);
  const [from, to] = [data, out].map((file) => file.slice(file.indexOf(".") + 1));
  const peakMegabytes = Number(child.stderr.split("\n").at(-1)) / 1000;
  console.log(JSON.stringify({ command, rows, from, to, seconds, peakMegabytes }));
}

function* sampledLists(count) {
  for (let list = 0; list < count; list++) {
    const responses = [0, 1, 2, 3].map((index) => {
      const numTokens = 30 + ((list * 13 + index * 29) % 90);
      const logprob = -numTokens * (0.4 + ((list * index) % 17) / 20);
      return { text: words(numTokens, list + index), logprob, numTokens, source: "teacher:bench" };
    });
    yield { id: String(list), ...asked(list), original: words(60, list), responses };
  }
}

function* instructionRows(count) {
  for (let row = 0; row < count; row++) yield { ...asked(row), output: words(40, row) };
}

function asked(number) {
  return { instruction: `${words(12, number)}, ${number}`, input: number % 3 === 0 ? words(20, number) : "" };
}

function words(count, start) {
  return Array.from({ length: count }, (_, index) => WORDS[(start + index * 7) % WORDS.length]).join(" ");
}
