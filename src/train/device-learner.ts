/**
 * A learner whose parameters, gradients and moments stay in the device's memory from step to step. What comes back: losses, the
 * gradients' norm, and all of it once it is stored.
 */
import type { SequenceGroup } from "../data/pack.ts";
import { type Device, DeviceSession, type DeviceValue, type Value, input, lower } from "../graph/index.ts";
import { type Model, trainableParameters, trainableShapes } from "../model/index.ts";
import type { Learner, LearnerOptions } from "./learner.ts";
import { accumulatedName, gradientName, lowerTrainingStep } from "./loss-graph.ts";
import type { ObjectivePlan } from "./objective.ts";
import type { AdamWState, Buffers, UpdateOptions } from "./optimizer.ts";
import { type RunOptions, type StepResult, runMicroBatches } from "./step.ts";
import { firstName, lowerSquares, lowerUpdate, newName, secondName, updateScalars } from "./update-graph.ts";

type DeviceValues = ReadonlyMap<string, DeviceValue>;

interface Sessions {
  readonly step: DeviceSession;
  readonly squares: DeviceSession;
  readonly update: DeviceSession;
  /** Copies values of the parameters' shapes to the device, and from it. */
  readonly upload: DeviceSession;
  readonly download: DeviceSession;
}

export class DeviceLearner implements Learner {
  readonly #model: Model;
  readonly #state: AdamWState;
  readonly #options: LearnerOptions;
  readonly #sessions: Sessions;
  /** Parameters and moments under the names of the update's inputs. */
  #learnt: DeviceValues | undefined;
  #zeros: DeviceValues = new Map();
  #gradients: DeviceValues = new Map();

  private constructor(model: Model, state: AdamWState, options: LearnerOptions, sessions: Sessions) {
    this.#model = model;
    this.#state = state;
    this.#options = options;
    this.#sessions = sessions;
  }

  static async open(
    model: Model,
    state: AdamWState,
    options: LearnerOptions & { device: Device },
  ): Promise<DeviceLearner> {
    return new DeviceLearner(model, state, options, await openSessions(model, options));
  }

  async run(
    groups: readonly SequenceGroup[],
    plan: ObjectivePlan,
    options: RunOptions = {},
  ): Promise<StepResult> {
    const learnt = (this.#learnt ??= await this.#uploadAll());
    this.#replaceGradients(new Map());
    const parameters = Object.fromEntries(this.#names.map((name) => [name, learnt.get(name)!]));
    return runMicroBatches({ model: this.#model, groups, plan }, { ...this.#options, ...options }, (inputs) =>
      this.#addGradients({ ...inputs, ...parameters }),
    );
  }

  async gradientNorm(): Promise<number> {
    const { values } = await this.#sessions.squares.run(Object.fromEntries(this.#gradients));
    return Math.sqrt(values.get("squares")!.data[0]!);
  }

  async update({ learningRate, clip }: UpdateOptions): Promise<void> {
    const step = ++this.#state.step;
    const scalars = updateScalars(this.#options.optimizer, { step, learningRate, clip });
    const fed = Object.entries(scalars).map(([name, value]) => {
      return [name, { data: Float32Array.of(value), shape: [] }] as const;
    });
    const old = this.#learnt!;
    const { kept } = await this.#sessions.update.run(
      Object.fromEntries([...old, ...this.#gradients, ...fed]),
    );
    this.#learnt = new Map([...old.keys()].map((name) => [name, kept.get(newName(name))!]));
    free(old);
  }

  async store(): Promise<void> {
    if (this.#learnt === undefined) return;
    for (const [nameOf, buffers] of this.#places()) {
      const feeds = this.#names.map((name) => [name, this.#learnt!.get(nameOf(name))!] as const);
      const { values } = await this.#sessions.download.run(Object.fromEntries(feeds));
      for (const name of this.#names) buffers.get(name)!.set(values.get(copyOf(name))!.data);
    }
  }

  async close(): Promise<void> {
    for (const values of [this.#learnt ?? new Map<string, DeviceValue>(), this.#zeros, this.#gradients])
      free(values);
    for (const session of Object.values(this.#sessions) as DeviceSession[]) await session.close();
  }

  /** Of the trained parameters. */
  get #names(): string[] {
    return [...trainableShapes(this.#model).keys()];
  }

  /** Where values are in memory, and what they are called on the device. */
  #places(): [nameOf: (parameter: string) => string, Buffers][] {
    return [
      [(name) => name, trainableParameters(this.#model)],
      [firstName, this.#state.firstMoments],
      [secondName, this.#state.secondMoments],
    ];
  }

  async #uploadAll(): Promise<DeviceValues> {
    const learnt = new Map<string, DeviceValue>();
    for (const [nameOf, buffers] of this.#places()) {
      const uploaded = await this.#upload((name) => buffers.get(name)!);
      for (const [name, value] of uploaded) learnt.set(nameOf(name), value);
    }
    const { firstMoments } = this.#state;
    this.#zeros = await this.#upload((name) => new Float32Array(firstMoments.get(name)!.length));
    return learnt;
  }

  async #upload(dataOf: (name: string) => Float32Array): Promise<DeviceValues> {
    const shapes = [...trainableShapes(this.#model)];
    const feeds = shapes.map(([name, shape]) => [name, { data: dataOf(name), shape }] as const);
    const { kept } = await this.#sessions.upload.run(Object.fromEntries(feeds));
    return new Map(this.#names.map((name) => [name, kept.get(copyOf(name))!]));
  }

  async #addGradients(
    inputs: Readonly<Record<string, Value | DeviceValue>>,
  ): Promise<ReadonlyMap<string, Value>> {
    const before = this.#names.map((name) => {
      return [
        accumulatedName(name),
        this.#gradients.get(gradientName(name)) ?? this.#zeros.get(name)!,
      ] as const;
    });
    const { values, kept } = await this.#sessions.step.run({ ...inputs, ...Object.fromEntries(before) });
    this.#replaceGradients(kept);
    return values;
  }

  #replaceGradients(gradients: DeviceValues): void {
    free(this.#gradients);
    this.#gradients = gradients;
  }
}

async function openSessions(model: Model, options: LearnerOptions & { device: Device }): Promise<Sessions> {
  const { device, threads, optimizer } = options;
  const shapes = trainableShapes(model);
  const names = [...shapes.keys()];
  const copies = lower(
    Object.fromEntries([...shapes].map(([name, shape]) => [copyOf(name), input(name, shape)])),
  );
  const learnt = names.flatMap((name) => [name, firstName(name), secondName(name)]);
  const open = (lowered: ReturnType<typeof lower>, keep: readonly string[]): Promise<DeviceSession> =>
    DeviceSession.open(lowered, { device, threads, keep });
  return {
    step: await open(lowerTrainingStep(model, options), names.map(gradientName)),
    squares: await open(lowerSquares(shapes, device), []),
    update: await open(lowerUpdate(shapes, optimizer, device), learnt.map(newName)),
    upload: await open(copies, names.map(copyOf)),
    download: await open(copies, []),
  };
}

function copyOf(name: string): string {
  return `copy/${name}`;
}

function free(values: DeviceValues): void {
  for (const value of values.values()) value.free();
}
