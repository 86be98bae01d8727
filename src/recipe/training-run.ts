/**
 * A training run in its folder: `run.json` (what was asked, from which inputs, and what came of it), `events.jsonl`,
 * `checkpoints/`, and the trained model itself once it is done. The same call again resumes.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Example, PromptOf } from "../data/example.ts";
import type { Device } from "../graph/index.ts";
import { snapshotOrigin } from "../hub/index.ts";
import {
  type TemplateName,
  type TemplatedModel,
  initializeAdapter,
  loadModel,
  withRankingHead,
  withTemplate,
} from "../model/index.ts";
import { countOf } from "../text/count-of.ts";
import type { TrainEvent } from "../train/events.ts";
import { measureProductRate } from "../train/product-rate.ts";
import type { TrainSettings } from "../train/settings.ts";
import { type TrainOptions, train } from "../train/trainer.ts";
import { contentHash } from "./hash.ts";
import { orInterrupted } from "./interruption.ts";
import { withLock } from "./lock.ts";
import { type RunFolder, checkRunFolder } from "./run-folder.ts";
import type { Manifest, TrainingResult } from "./run-manifest.ts";
import { Interrupted, type Reporter, type StageResult } from "./stage.ts";
import { describeData, describeEnd, describeStep } from "./training-report.ts";

export interface TrainingRun {
  readonly kind: "sft" | "train" | "train-proxy";
  readonly model: string;
  readonly data: string;
  readonly template: TemplateName;
  readonly out: string;
  readonly settings: TrainSettings;
  readonly threads: number | undefined;
  readonly device?: Device | undefined;
  readonly overwrite: boolean;
  readonly readExamples: (promptOf: PromptOf) => Promise<Example[]>;
  /** This machine's matrix-product rate; default: measured. */
  readonly measureRate?: () => Promise<number>;
}

export async function runTraining(run: TrainingRun, reporter: Reporter): Promise<StageResult> {
  const manifest = await describe(run);
  return withLock(join(run.out, "run.lock"), async () => {
    const folder = checkRunFolder(manifest, run);
    if (folder.finished === undefined) return resultOf(run, await trainIn(folder, run, reporter));
    reporter.say(`${run.out}: already finished; nothing to do.`);
    return resultOf(run, folder.finished);
  });
}

async function describe({ kind, model, data, template, settings }: TrainingRun): Promise<Manifest> {
  const hashes = { modelHash: await contentHash(model), dataHash: await contentHash(data) };
  const origin = snapshotOrigin(model);
  const inputs = { model, ...(origin === undefined ? {} : { hub: origin }), ...hashes };
  return { kind, inputs, template, settings, status: "running" };
}

/** With a new adapter or a score, where one is to be trained. */
function openModel({ kind, model: path, template, settings: { lora, seed } }: TrainingRun): TemplatedModel {
  const { model: loaded, ...templated } = withTemplate(loadModel(path), template, { path });
  const model = kind === "train-proxy" ? withRankingHead(loaded, seed) : loaded;
  if (lora === undefined) return { model, ...templated };
  const adapter = initializeAdapter(model, lora, { seed, base: resolve(path) });
  return { model: { ...model, adapter }, ...templated };
}

/** The latest event of each kind. */
type LatestEvents = { [Kind in TrainEvent["event"]]?: Extract<TrainEvent, { event: Kind }> };

async function trainIn(folder: RunFolder, run: TrainingRun, reporter: Reporter): Promise<TrainingResult> {
  const { out, settings, threads, device } = run;
  const { model, promptOf, notes } = openModel(run);
  const examples = await run.readExamples(promptOf);
  for (const note of notes) reporter.say(`note: ${note}`);
  const log = join(out, "events.jsonl");
  const bar = reporter.progress(run.kind);
  const latest: LatestEvents = {};
  const emit = (event: TrainEvent): void => {
    if (event.event === "preparing") return reporter.say("preparing the training graph ...");
    appendFileSync(log, `${JSON.stringify(event)}\n`);
    Object.assign(latest, { [event.event]: event });
    if (event.event === "start") reporter.say(describeData(event, settings));
    else if (event.event === "resume") reporter.say(`resuming at step ${event.step}`);
    else if (event.event === "step") bar.update(event.step + 1, describeStep(event));
    else if (event.event === "end") reporter.say(describeEnd(event, latest.start!.expectedTokensPerSecond));
  };
  const { signal } = reporter;
  const outcome = await orInterrupted({ signal, saved: `what is done so far is in ${out}` }, () =>
    train({
      model,
      examples,
      settings,
      runFolder: out,
      prepareFolder: () => folder.prepare(),
      emit,
      ...rateOf(run),
      signal,
      responsive: reporter.isTerminal ?? false,
      ...(threads === undefined ? {} : { threads }),
      ...(device === undefined ? {} : { device }),
    }),
  ).finally(() => bar.done());
  if (outcome === "interrupted") throw new Interrupted(`the checkpoint is in ${out}`);
  return folder.finish(model, latest.step!);
}

/** What to expect of other devices is not known. */
function rateOf({ measureRate, threads, device = "cpu" }: TrainingRun): Pick<TrainOptions, "measureRate"> {
  return device === "cpu" ? { measureRate: measureRate ?? (() => measureProductRate({ threads })) } : {};
}

function resultOf({ out }: TrainingRun, result: TrainingResult): StageResult {
  return {
    value: { out, ...result, ...speedOf(out) },
    text: `${out}: ${countOf(result.steps, "step")}, loss of the last ${result.loss.toFixed(4)}`,
  };
}

/** Of the call that finished the run: `run.json` holds what the run gave, not how fast. */
function speedOf(out: string): { tokensPerSecond?: number; expectedTokensPerSecond?: number | null } {
  const log = join(out, "events.jsonl");
  const lines = existsSync(log) ? readFileSync(log, "utf8").split("\n").filter(Boolean) : [];
  const events = lines.map((line) => JSON.parse(line) as TrainEvent);
  const start = events.findLast((event) => event.event === "start");
  const end = events.findLast((event) => event.event === "end");
  return {
    ...(end && { tokensPerSecond: end.tokensPerSecond }),
    ...(start && { expectedTokensPerSecond: start.expectedTokensPerSecond }),
  };
}
