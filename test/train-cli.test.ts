/** `tuna sft` and `tuna train` as processes: killed at any moment and run again, they end as if nothing had happened. */
import { createHash } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { saveModel } from "../src/model/index.ts";
import { randomStream } from "../src/random.ts";
import { tinyModel } from "./tiny-model.ts";
import { type Flags, commandLine, pause, readLines, startTuna, tuna } from "./tuna-process.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-train-cli-"));
afterAll(() => {
  rmSync(root, { recursive: true });
});

const model = join(root, "model");
const instructions = join(root, "alpaca.json");
const ranked = join(root, "ranked.jsonl");
const TIMEOUT_MS = 180_000;
const STEPS = 36;

beforeAll(() => {
  // Large enough that a step takes long enough to be hit.
  saveModel(tinyModel({ config: { hidden_size: 64, intermediate_size: 128, num_hidden_layers: 3 } }), model);
  const random = randomStream("rows");
  const words = (count: number): string =>
    Array.from({ length: 1 + random.integer(count) }, () => random.pick(["red", "blue", "a", "12"])).join(
      " ",
    );
  const rows = Array.from({ length: 36 }, () => ({ instruction: words(9), input: "", output: words(20) }));
  writeFileSync(instructions, JSON.stringify(rows));
  const lists = rows.map(({ instruction, output }, id) => ({
    id,
    instruction,
    original: output,
    responses: [0, 1, 2].map((rank) => ({ text: words(12), rank })),
  }));
  writeFileSync(ranked, lists.map((list) => `${JSON.stringify(list)}\n`).join(""));
});

const defaults: Flags = {
  model,
  template: "none",
  "batch-size": 3,
  epochs: 3,
  threads: 1,
  "save-every": 5,
};
const sft = (out: string, more: Flags = {}): string[] =>
  commandLine("sft", { ...defaults, data: instructions, out, ...more });
const train = (out: string, more: Flags = {}): string[] =>
  commandLine("train", { ...defaults, data: ranked, out, ...more });

/** An adapter, with the dropout that it draws anew at each step. */
const lora = (out: string, more: Flags = {}): string[] =>
  train(out, { "lora-rank": 4, "lora-dropout": 0.2, ...more });

interface StepLine {
  event: string;
  step: number;
  loss: number;
}

/** The last loss of each step, and the trained weights. */
function outcomeOf(out: string): { losses: [number, number][]; weights: string } {
  const steps = readLines<StepLine>(join(out, "events.jsonl")).filter(({ event }) => event === "step");
  const losses = new Map(steps.map(({ step, loss }) => [step, loss]));
  const weights = createHash("sha256")
    .update(readFileSync(join(out, "model.safetensors")))
    .digest("hex");
  return { losses: [...losses].toSorted(([a], [b]) => a - b), weights };
}

const numEvents = (out: string): number => readLines(join(out, "events.jsonl")).length;
let folders = 0;
const newFolder = (): string => join(root, `run-${folders++}`);

const uninterrupted = new Map<string, Promise<ReturnType<typeof outcomeOf>>>();

/** What a run gives that nobody disturbs; computed once for each command. */
function expected(command: typeof sft): Promise<ReturnType<typeof outcomeOf>> {
  const known = uninterrupted.get(command.name);
  if (known !== undefined) return known;
  const out = newFolder();
  const outcome = tuna(...command(out, { json: true })).then(({ status, stdout }) => {
    expect(status).toBe(0);
    const result = JSON.parse(stdout) as { steps: number; loss: number };
    const found = outcomeOf(out);
    expect([result.steps, result.loss]).toEqual([STEPS, found.losses.at(-1)![1]]);
    return found;
  });
  uninterrupted.set(command.name, outcome);
  return outcome;
}

describe("SIGKILL", { timeout: TIMEOUT_MS }, () => {
  test.each([sft, train, lora])("at random moments: tuna %o", async (command) => {
    const out = newFolder();
    const random = randomStream("kill", command.name);
    let kills = 0;
    for (; kills < 4; kills++) {
      const before = numEvents(out);
      const running = startTuna(command(out));
      if (!(await running.until(() => numEvents(out) > before + 1))) break;
      await pause(random.integer(50));
      running.kill("SIGKILL");
      await running.exit;
      if (kills === 1) appendFileSync(join(out, "events.jsonl"), `{"event":"step","lo`);
    }
    expect(kills, "the run must not end before it is killed several times").toBeGreaterThan(1);
    const last = await tuna(...command(out));
    expect(last).toMatchObject({ status: 0, stdout: expect.stringContaining(`${STEPS} steps`) as string });
    expect(outcomeOf(out)).toEqual(await expected(command));
    expect(readdirSync(out).toSorted()).toEqual([
      ...(command === lora ? ["adapter"] : []),
      "checkpoints",
      "config.json",
      "events.jsonl",
      "model.safetensors",
      "run.json",
      "tokenizer.json",
      "tokenizer_config.json",
      "tuna.json",
    ]);
  });

  test.skipIf(process.platform !== "linux")("while a checkpoint is written", async () => {
    const out = newFolder();
    const checkpoints = join(out, "checkpoints");
    let halves = 0;
    for (let attempt = 0; attempt < 8 && halves < 2; attempt++) {
      const running = startTuna(sft(out, { "save-every": 1 }));
      await running.until(() => existsSync(checkpoints));
      const watcher = watch(checkpoints, (_, name) => {
        if (name?.startsWith(".unfinished-") === true) running.kill("SIGKILL");
      });
      await running.exit;
      watcher.close();
      halves += Number(readdirSync(checkpoints).some((name) => name.startsWith(".unfinished-")));
    }
    expect(halves, "kills that left a half-written checkpoint").toBeGreaterThan(0);
    expect((await tuna(...sft(out))).status).toBe(0);
    expect(outcomeOf(out)).toEqual(await expected(sft));
    expect(readdirSync(checkpoints).filter((name) => name.startsWith("."))).toEqual([]);
  });
});

describe("SIGINT, and another process meanwhile", { timeout: TIMEOUT_MS }, () => {
  test("saves and exits with 130; the same command goes on", async () => {
    const out = newFolder();
    const running = startTuna(train(out, { json: true }));
    await running.until(() => numEvents(out) > 4);
    running.kill("SIGSTOP");
    const meanwhile = await tuna(...train(out, { json: true }));
    running.kill("SIGCONT");
    running.kill("SIGINT");
    expect(meanwhile.status).toBe(2);
    expect(meanwhile.stderr).toMatch(/^error: .*run\.lock: another process \(\d+\) works on this output/m);
    expect(JSON.parse(meanwhile.stdout)).toMatchObject({ error: { code: "output-in-use" } });

    const interrupted = await running.exit;
    expect(interrupted.status).toBe(130);
    expect(interrupted.stderr).toContain(
      `Interrupted; the checkpoint is in ${out}. Run the same command again`,
    );
    expect(interrupted.stderr).not.toContain("fault of Tuna");
    expect(JSON.parse(interrupted.stdout)).toMatchObject({ error: { code: "interrupted" } });
    expect(existsSync(join(out, "config.json")), "not a model yet").toBe(false);

    const resumed = await tuna(...train(out));
    expect(resumed.stderr).toMatch(/resuming at step \d+/);
    expect(outcomeOf(out)).toEqual(await expected(train));
  });
});

describe("a folder that holds a run", { timeout: TIMEOUT_MS }, () => {
  const short = (out: string, more: Flags) => tuna(...sft(out, { epochs: 1, ...more }));

  test("does nothing when it is finished, refuses other settings and data, and starts anew on request", async () => {
    const out = newFolder();
    const data = join(root, "changing.json");
    writeFileSync(data, readFileSync(instructions));
    const command = (more: Flags = {}) => short(out, { data, json: true, ...more });
    const first = await command();
    const weights = statSync(join(out, "model.safetensors"));
    const events = readFileSync(join(out, "events.jsonl"), "utf8");

    const again = await command();
    expect(again).toMatchObject({ status: 0, stdout: first.stdout });
    expect(again.stderr).toContain("already finished; nothing to do");
    expect(statSync(join(out, "model.safetensors")).ino).toBe(weights.ino);
    expect(readFileSync(join(out, "events.jsonl"), "utf8")).toBe(events);

    const other = await command({ lr: 0.001, seed: 4 });
    expect(other.status).toBe(2);
    expect(other.stderr).toMatch(
      /^error: .* holds another run \(learningRate 0\.00002, now 0\.001; seed 0, now 4\).*--overwrite/,
    );
    expect(JSON.parse(other.stdout)).toMatchObject({ error: { code: "run-folder-differs" } });

    appendFileSync(data, " ");
    const changed = await command();
    expect([changed.status, changed.stderr]).toEqual([
      2,
      expect.stringContaining("the data's content changed"),
    ]);
    expect(readFileSync(join(out, "events.jsonl"), "utf8"), "refusals touch nothing").toBe(events);

    const anew = await command({ overwrite: true, lr: 0.001 });
    expect(anew.status).toBe(0);
    expect(anew.stdout).not.toBe(first.stdout);
    expect(
      readLines<StepLine>(join(out, "events.jsonl")).filter(({ event }) => event === "start"),
    ).toHaveLength(1);
  });

  test("says that the training graph is prepared, before the plan", async () => {
    const out = newFolder();
    const { stderr } = await short(out, {});
    expect(stderr).toMatch(/^preparing the training graph \.\.\.\n\d+ examples, .*^plan: /ms);
    expect(readLines<StepLine>(join(out, "events.jsonl"))[0]!.event).toBe("start");
  });

  test("a run that diverges exits with 2, names the batch, and leaves no model", async () => {
    const out = newFolder();
    const { status, stderr } = await short(out, { lr: "1e30" });
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /error: Step 2: the loss is .*Examples of the batch: \d+, \d+, \d+\. Last good checkpoint: none/,
    );
    expect(readdirSync(out).toSorted()).toEqual(["events.jsonl", "run.json"]);
  });
});
