import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { tinyModel } from "../../test/tiny-model.ts";
import { loadModel, saveModel } from "../model/index.ts";
import type { StepEvent } from "../train/events.ts";
import { PRESETS } from "../train/objective.ts";
import { RANKING_DEFAULTS } from "../train/settings.ts";
import { checkRunFolder } from "./run-folder.ts";
import type { Manifest } from "./run-manifest.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-run-folder-"));
afterAll(() => {
  rmSync(root, { recursive: true });
});

let out: string;
let model: string;
let manifest: Manifest;
beforeEach(() => {
  const parent = mkdtempSync(join(root, "test-"));
  [out, model] = [join(parent, "run"), join(parent, "model")];
  mkdirSync(model);
  manifest = {
    kind: "train",
    inputs: { model, modelHash: "m", dataHash: "d" },
    template: "alpaca",
    settings: { ...RANKING_DEFAULTS, objective: PRESETS.paper },
    status: "running",
  };
});

const check = (wanted = manifest, overwrite = false) => checkRunFolder(wanted, { out, overwrite });
const refusal = (code: string) => expect.objectContaining({ code }) as Error;
const last = { step: 7, loss: 0.5, rankLoss: 0.25, mleLoss: 0.25, pairAccuracy: 1 } as StepEvent;
const result = { steps: 8, loss: 0.5, rankLoss: 0.25, mleLoss: 0.25, pairAccuracy: 1 };

test("nothing is touched before prepare; then the manifest stands there, before the first step", () => {
  const folder = check();
  expect(existsSync(out)).toBe(false);
  folder.prepare();
  expect(JSON.parse(readFileSync(join(out, "run.json"), "utf8"))).toEqual(manifest);
});

test("finish places a whole model and the result, and the same call finds it", () => {
  const folder = check();
  folder.prepare();
  expect(folder.finish(tinyModel(), last)).toEqual(result);
  expect(loadModel(out).parameters).toEqual(tinyModel().parameters);
  expect(check().finished).toEqual(result);
  expect(readdirSync(out).filter((name) => name.startsWith("."))).toEqual([]);
});

test("a run that was killed while its model was placed is not finished", () => {
  check().prepare();
  saveModel(tinyModel(), out);
  expect(check().finished).toBeUndefined();
});

test("a finished run whose model was taken away is not finished", () => {
  const folder = check();
  folder.prepare();
  folder.finish(tinyModel(), last);
  rmSync(join(out, "config.json"));
  expect(check().finished).toBeUndefined();
});

describe("another run in the folder", () => {
  const changed = (settings: Partial<Manifest["settings"]>): Manifest => ({
    ...manifest,
    settings: { ...manifest.settings, ...settings },
  });

  test("is refused with the names of what differs, old and new value", () => {
    check().prepare();
    const objective = { ...PRESETS.paper, margin: 0.2 };
    expect(() => check(changed({ learningRate: 0.5, objective }))).toThrow(
      /learningRate 0\.00001, now 0\.5; margin 0\.1, now 0\.2\)\. Choose another --out, or replace it with --overwrite/,
    );
    expect(() => check({ ...manifest, kind: "sft", template: "none" })).toThrow(
      "(kind train, now sft; template alpaca, now none)",
    );
    const inputs = { ...manifest.inputs, modelHash: "n", dataHash: "e" };
    expect(() => check({ ...manifest, inputs })).toThrow(
      "(the model's content changed; the data's content changed)",
    );
  });

  test("goes on with other settings that change no result, and where the model moved", () => {
    check().prepare();
    const moved = { ...manifest.inputs, model: join(out, "..") };
    check({ ...changed({ microBatchTokens: 1, saveEvery: 1 }), inputs: moved }).prepare();
    expect(JSON.parse(readFileSync(join(out, "run.json"), "utf8"))).toMatchObject({ inputs: moved });
  });

  test("gives way to --overwrite, checkpoints and model included; a foreign file stays", () => {
    const first = check();
    first.prepare();
    first.finish(tinyModel(), last);
    mkdirSync(join(out, "checkpoints/step-000001"), { recursive: true });
    writeFileSync(join(out, "events.jsonl"), "{}\n");
    writeFileSync(join(out, "notes.txt"), "mine");
    const other = check(changed({ seed: 1 }), true);
    expect(existsSync(join(out, "checkpoints")), "not before prepare").toBe(true);
    other.prepare();
    expect(readdirSync(out).toSorted()).toEqual(["notes.txt", "run.json"]);
  });
});

describe("what no manifest explains", () => {
  test("a model is not overwritten unasked", () => {
    saveModel(tinyModel(), out);
    expect(() => check()).toThrow(refusal("run-folder-unknown"));
    check(manifest, true).prepare();
    expect(readdirSync(out)).toEqual(["run.json"]);
  });

  test("a folder with other files is taken", () => {
    mkdirSync(out);
    writeFileSync(join(out, "stage.json"), "{}");
    check().prepare();
    expect(existsSync(join(out, "stage.json"))).toBe(true);
  });

  test.each(["", "{", "[]", `{"kind":"train"}`])(
    "a damaged run.json (%j) is named, and replaced on request",
    (text) => {
      mkdirSync(out);
      writeFileSync(join(out, "run.json"), text);
      expect(() => check()).toThrow(refusal("run-manifest-damaged"));
      expect(() => check()).toThrow(join(out, "run.json"));
      check(manifest, true).prepare();
      expect(check().finished).toBeUndefined();
    },
  );
});

test.each(["", "checkpoints/step-000004"])("the model it starts from is never replaced: OUT/%s", (inside) => {
  saveModel(tinyModel(), join(out, inside));
  const own = { ...manifest, inputs: { ...manifest.inputs, model: join(out, inside) } };
  for (const overwrite of [false, true]) {
    expect(() => check(own, overwrite)).toThrow(refusal("run-folder-is-model"));
  }
  expect(loadModel(join(out, inside)).parameters).toEqual(tinyModel().parameters);
});

test("a model beside the checkpoints may be started from", () => {
  const beside = join(out, "checkpoints-old/step-000004");
  saveModel(tinyModel(), beside);
  check({ ...manifest, inputs: { ...manifest.inputs, model: beside } }).prepare();
  expect(loadModel(beside).parameters).toEqual(tinyModel().parameters);
});

test("a torn last line of the events is removed when the run goes on", () => {
  check().prepare();
  writeFileSync(join(out, "events.jsonl"), `{"event":"step"}\n{"event":"st`);
  check().prepare();
  expect(readFileSync(join(out, "events.jsonl"), "utf8")).toBe(`{"event":"step"}\n`);
});
