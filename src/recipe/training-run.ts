/**
 * A training run in its folder: `run.json` (what was asked, from which inputs, and whether it is finished),
 * `events.jsonl`, `checkpoints/`, and the trained model itself once it is done. The same call again resumes.
 */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Example } from "../data/example.ts";
import { UserError } from "../errors.ts";
import { loadModel, saveModel } from "../model/index.ts";
import type { DataSummary } from "../train/encode-examples.ts";
import type { StepEvent, TrainEvent } from "../train/events.ts";
import type { TrainSettings } from "../train/settings.ts";
import { train } from "../train/trainer.ts";
import { contentHash } from "./hash.ts";
import { Interrupted, type Reporter, type StageResult } from "./stage.ts";

export interface TrainingRun {
  readonly kind: "sft" | "train";
  readonly model: string;
  readonly data: string;
  readonly template: string;
  readonly out: string;
  readonly settings: TrainSettings;
  readonly threads: number | undefined;
  readonly overwrite: boolean;
  readonly readExamples: () => Promise<Example[]>;
}

interface Manifest {
  readonly kind: string;
  readonly inputs: { readonly model: string; readonly modelHash: string; readonly dataHash: string };
  readonly template: string;
  readonly settings: TrainSettings;
  readonly status: "running" | "finished";
}

export async function runTraining(run: TrainingRun, reporter: Reporter): Promise<StageResult> {
  const manifest = await describe(run);
  if (openRunFolder(run, manifest) === "finished") {
    reporter.say(`${run.out}: already finished; nothing to do.`);
    return resultOf(run);
  }
  const model = loadModel(run.model);
  const bar = reporter.progress(run.kind);
  const log = join(run.out, "events.jsonl");
  const outcome = await train({
    model,
    examples: await run.readExamples(),
    settings: run.settings,
    runFolder: run.out,
    signal: reporter.signal,
    ...(run.threads === undefined ? {} : { threads: run.threads }),
    emit(event) {
      appendFileSync(log, `${JSON.stringify(event)}\n`);
      report(event, reporter, bar);
    },
  }).finally(() => bar.done());
  if (outcome === "interrupted") throw new Interrupted(`the checkpoint is in ${run.out}`);
  placeModel(model, run.out);
  writeManifest(run.out, { ...manifest, status: "finished" });
  return resultOf(run);
}

async function describe({ kind, model, data, template, settings }: TrainingRun): Promise<Manifest> {
  const inputs = { model, modelHash: await contentHash(model), dataHash: await contentHash(data) };
  return { kind, inputs, template, settings, status: "running" };
}

/** Settles what is in the folder already: nothing, this run, or another one, which is only replaced on request. */
function openRunFolder({ out, overwrite }: TrainingRun, manifest: Manifest): Manifest["status"] {
  const known = readManifest(out);
  const differences = known === undefined ? [] : differencesBetween(known, manifest);
  if (known !== undefined && differences.length === 0) return known.status;
  if (differences.length > 0 && !overwrite) {
    throw new UserError(
      `${out} holds another run (${differences.join("; ")}). Choose another --out, or replace it with --overwrite.`,
      { code: "run-folder-differs", facts: { out, differences } },
    );
  }
  for (const name of ["checkpoints", "events.jsonl", "run.json", "config.json"])
    rmSync(join(out, name), { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  writeManifest(out, manifest);
  return "running";
}

function readManifest(out: string): Manifest | undefined {
  const path = join(out, "run.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Manifest) : undefined;
}

function writeManifest(out: string, manifest: Manifest): void {
  writeFileSync(join(out, "run.json.tmp"), `${JSON.stringify(manifest, null, 2)}\n`);
  renameSync(join(out, "run.json.tmp"), join(out, "run.json"));
}

function differencesBetween(known: Manifest, wanted: Manifest): string[] {
  const flat = ({ inputs, settings, kind, template }: Manifest): Record<string, unknown> => ({
    kind,
    template,
    "model's content": inputs.modelHash,
    "data's content": inputs.dataHash,
    ...settings,
    ...settings.objective,
  });
  const [before, after] = [flat(known), flat(wanted)];
  return Object.keys(after)
    .filter((key) => key !== "objective" && JSON.stringify(before[key]) !== JSON.stringify(after[key]))
    .map((key) =>
      key.endsWith("content")
        ? `the ${key} changed`
        : `${key} ${String(before[key])}, now ${String(after[key])}`,
    );
}

/** `config.json` comes last: a folder without it is not a model yet. */
function placeModel(model: Parameters<typeof saveModel>[0], out: string): void {
  const temporary = join(out, ".model");
  saveModel(model, temporary);
  for (const name of ["model.safetensors", "tokenizer.json", "tokenizer_config.json", "config.json"]) {
    renameSync(join(temporary, name), join(out, name));
  }
  rmSync(temporary, { recursive: true });
}

function report(event: TrainEvent, reporter: Reporter, bar: ReturnType<Reporter["progress"]>): void {
  if (event.event === "start")
    reporter.say(
      `${describeData(event.data)}\n${event.parameters.toLocaleString("en")} parameters, ${event.steps} steps`,
    );
  else if (event.event === "resume") reporter.say(`resuming at step ${event.step}`);
  else if (event.event === "step") bar.update(event.step + 1, noteOf(event));
  else if (event.event === "end" && event.savedTokenShare > 0) {
    reporter.say(
      `sharing prompts and leaving out padding saved ${(100 * event.savedTokenShare).toFixed(0)} % of the tokens of a padded batch`,
    );
  }
}

function noteOf({ loss, pairAccuracy, totalSteps, tokensPerSecond }: StepEvent): string {
  const pairs = pairAccuracy === null ? "" : `, pairs ${(100 * pairAccuracy).toFixed(0)} %`;
  return `of ${totalSteps}, loss ${loss.toFixed(3)}${pairs}, ${tokensPerSecond.toFixed(0)} tokens/s`;
}

function describeData(data: DataSummary): string {
  const counts = Object.entries(data.candidatesPerExample).filter(([count]) => count !== "0");
  const notes = [
    ...(counts.length > 0
      ? [
          `ranked responses: ${counts.map(([count, examples]) => `${count} in ${examples}`).join(", ")} examples`,
        ]
      : []),
    ...(data.ties > 0 ? [`${data.ties} ties`] : []),
    ...(data.emptyResponses > 0 ? [`${data.emptyResponses} empty responses (their EOS counts)`] : []),
    ...(data.truncatedResponses > 0 ? [`${data.truncatedResponses} responses cut by the window`] : []),
    ...(data.promptFillsWindow.length > 0
      ? [
          `${data.promptFillsWindow.length} examples dropped, their prompts fill the window (${data.promptFillsWindow.slice(0, 5).join(", ")}${data.promptFillsWindow.length > 5 ? ", ..." : ""})`,
        ]
      : []),
    ...(data.withoutOriginal > 0
      ? [`${data.withoutOriginal} without an original response, so without its likelihood term`]
      : []),
  ];
  return [`${data.examples} examples, ${data.responseTokens} response tokens`, ...notes].join("\n  ");
}

function resultOf({ out }: TrainingRun): StageResult {
  const events = readFileSync(join(out, "events.jsonl"), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as TrainEvent);
  const last = events.findLast((event) => event.event === "step");
  const { loss = null, rankLoss = null, mleLoss = null, pairAccuracy = null } = last ?? {};
  const value = { out, steps: (last?.step ?? -1) + 1, loss, rankLoss, mleLoss, pairAccuracy };
  return { value, text: `${out}: ${value.steps} steps, loss of the last ${loss?.toFixed(4) ?? "-"}` };
}
