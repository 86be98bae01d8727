/**
 * `node chat-ids.js MODEL ROWS.json`: what the model is given for each instruction row under its chat template, as ids,
 * the ids that end a response, and the notes, as JSON on stdout.
 */
import { readFileSync } from "node:fs";
import { loadModel, withTemplate } from "../../dist/model/index.js";

const [path, rowsPath] = process.argv.slice(2);
const { model, promptOf, notes } = withTemplate(loadModel(path), "chat", { path });
const rows = JSON.parse(readFileSync(rowsPath, "utf8"));
const prompts = rows.map((row) => model.tokenizer.encode(promptOf(row)));
console.log(JSON.stringify({ prompts, eosIds: model.eosIds, notes }));
