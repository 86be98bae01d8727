/** The model that a benchmark asks: its answers are greedy, batched across tasks, and kept batch by batch. */
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { z } from "zod";
import { readAllJsonLines, writeJsonLines } from "../data/jsonl.ts";
import {
  type Prediction,
  type Question,
  type QuestionPrompt,
  keyOf,
} from "../evaluate/benchmark/question.ts";
import { Generator } from "../generate/generator.ts";
import type { Device } from "../graph/index.ts";
import { type Model, type TemplateName, loadModel, withTemplate } from "../model/index.ts";
import { countOf } from "../text/count-of.ts";
import { fittingPrompt } from "./fitting-prompt.ts";
import { contentHash } from "./hash.ts";
import { orInterrupted } from "./interruption.ts";
import { withLock } from "./lock.ts";
import { writeFileRecord } from "./made-from.ts";
import { resolveModelFolder } from "./model-folder.ts";
import { appendRows, isPartOf, openPartialRows } from "./partial-rows.ts";
import { isFinished, partialPath } from "./resumable-rows.ts";
import type { Reporter } from "./stage.ts";

export interface StudentOptions {
  /** A folder, or a model of the hub. */
  readonly model: string;
  readonly template: TemplateName;
  readonly threads?: number | undefined;
  readonly device?: Device | undefined;
}

export interface AnswerOptions {
  /** Predictions are written here, and the same call again goes on behind those that are there; without it nothing is kept. */
  readonly out?: string | undefined;
  /** Replaces answers that were made otherwise. */
  readonly overwrite?: boolean | undefined;
  /** What the bar says; default: answer. */
  readonly label?: string | undefined;
}

/** As many questions share their batches at least; a task's questions stay together, so that tasks finish one by one. */
const BLOCK_SIZE = 2048;

export class Student {
  /** The folder that the model lies in. */
  readonly path: string;
  readonly #model: Model;
  readonly #generator: Generator;
  readonly #promptOf: (row: { instruction: string; input?: string }) => string;
  readonly #options: StudentOptions;
  readonly #reporter: Reporter;

  private constructor(
    { path, options, generator }: { path: string; options: StudentOptions; generator: Generator },
    { model, promptOf }: Pick<ReturnType<typeof withTemplate>, "model" | "promptOf">,
    reporter: Reporter,
  ) {
    this.path = path;
    this.#options = options;
    this.#generator = generator;
    this.#model = model;
    this.#promptOf = promptOf;
    this.#reporter = reporter;
  }

  static async open(options: StudentOptions, reporter: Reporter): Promise<Student> {
    const path = await resolveModelFolder(options.model, reporter);
    const { notes, ...templated } = withTemplate(loadModel(path), options.template, { path });
    for (const note of notes) reporter.say(`note: ${note}`);
    const { threads, device } = options;
    const generator = await Generator.open(templated.model, { threads, device });
    return new Student({ path, options, generator }, templated, reporter);
  }

  /** Tokens of a prompt and its answer together. */
  get window(): number {
    return this.#model.config.maxPositions;
  }

  /** Of a text as a whole prompt. */
  countTokens(text: string): number {
    return this.#model.tokenizer.encode(text).length;
  }

  /** Of a question as the model is given it, in its template. */
  countPromptTokens(prompt: QuestionPrompt): number {
    return this.countTokens("text" in prompt ? prompt.text : this.#promptOf(prompt));
  }

  /** How many tokens a prompt may have, with so long an answer behind it; in a narrow window, half of it. */
  promptLimit(maxAnswerTokens: number): number {
    return Math.max(this.window - maxAnswerTokens, Math.floor(this.window / 2));
  }

  /** The answers, in the order of the questions. Prompts that are too long for the window are shortened, and it is told. */
  async answer(questions: readonly Question[], options: AnswerOptions = {}): Promise<Prediction[]> {
    const { out } = options;
    if (out === undefined) return inOrder(questions, await this.#answerRest(questions, new Map(), options));
    return withLock(`${out}.lock`, () => this.#answerInto(out, questions, options));
  }

  async close(): Promise<void> {
    await this.#generator.close();
  }

  async #answerInto(
    out: string,
    questions: readonly Question[],
    { overwrite = false, ...options }: AnswerOptions,
  ): Promise<Prediction[]> {
    const madeFrom = {
      model: await contentHash(this.path),
      template: this.#options.template,
      questions: createHash("sha256").update(JSON.stringify(questions)).digest("hex"),
    };
    if (await isFinished({ out, madeFrom, overwrite })) {
      this.#reporter.say(`${out}: already answered; nothing to do.`);
      // Where a kill came between the whole file and the end.
      if (isPartOf(partialPath(out), madeFrom)) rmSync(partialPath(out));
      return (await readAllJsonLines(out, z.looseObject({}))) as unknown as Prediction[];
    }
    const path = partialPath(out);
    // A line is a batch, so that a torn one leaves none in halves.
    const batches = openPartialRows<Prediction[]>({
      path,
      madeFrom,
      overwrite,
      total: Infinity,
      chunkSize: 1,
    });
    const done = new Map(batches.flat().map((row) => [keyOf(row), row]));
    if (done.size > 0)
      this.#reporter.say(`${path}: going on after ${done.size} of ${countOf(questions.length, "answer")}`);
    const { signal } = this.#reporter;
    await orInterrupted({ signal, saved: `all finished batches are in ${path}` }, () =>
      this.#answerRest(questions, done, { ...options, out }),
    );
    const predictions = inOrder(questions, done);
    await writeJsonLines(out, predictions);
    await writeFileRecord(out, madeFrom);
    rmSync(path);
    return predictions;
  }

  /** Adds to `done` what is missing there. */
  async #answerRest(
    questions: readonly Question[],
    done: Map<string, Prediction>,
    { out, label = "answer" }: AnswerOptions,
  ): Promise<Map<string, Prediction>> {
    const bar = this.#reporter.progress(label, questions.length);
    const tasks = taskCounter(questions, done);
    let shortened = 0;
    // A first batch takes long: nobody should look at nothing until it is there.
    bar.update(done.size, tasks.inWords());
    try {
      for (const block of intoBlocks(questions)) {
        const rest = block.filter((question) => !done.has(keyOf(question)));
        if (rest.length === 0) continue;
        shortened += await this.#answerBlock(rest, (batch) => {
          if (out !== undefined) appendRows(partialPath(out), [batch]);
          for (const row of batch) done.set(keyOf(row), row);
          tasks.add(batch);
          bar.update(done.size, tasks.inWords());
        });
      }
    } finally {
      bar.done();
    }
    if (shortened > 0) {
      this.#reporter.say(
        `note: ${countOf(shortened, "prompt")} of ${questions.length} were longer than the benchmark or the model's window of ${this.window} tokens allows, and lost their end`,
      );
    }
    return done;
  }

  /** Returns how many prompts were shortened. */
  async #answerBlock(
    questions: readonly Question[],
    onBatch: (batch: Prediction[]) => void,
  ): Promise<number> {
    const { maxTokens, stop = [] } = questions[0]!;
    const { signal } = this.#reporter;
    const { tokenizer } = this.#model;
    const room = this.promptLimit(maxTokens);
    let shortened = 0;
    const requests = questions.map((question) => {
      const fitted = fittingPrompt(question.prompt, {
        limit: Math.min(question.maxPromptTokens ?? room, room),
        encode: (text) => tokenizer.encode(text),
        promptOf: this.#promptOf,
      });
      if (fitted.shortened) shortened++;
      return { key: keyOf(question), prompt: fitted.ids, count: 1, temperature: 0 };
    });
    await this.#generator.generate(requests, {
      maxTokens,
      stop,
      seed: 0,
      topP: 1,
      topK: 0,
      signal,
      onBatch: (indices, responses) =>
        onBatch(
          indices.map((index, row) => {
            const { task, id } = questions[index]!;
            return { task, id, prediction: responses[row]![0]!.text };
          }),
        ),
    });
    return shortened;
  }
}

function inOrder(questions: readonly Question[], answers: ReadonlyMap<string, Prediction>): Prediction[] {
  return questions.map((question) => answers.get(keyOf(question))!);
}

/** Questions next to each other, whole tasks together, with equal limits. */
function* intoBlocks(questions: readonly Question[]): Iterable<Question[]> {
  let block: Question[] = [];
  const limits = ({ maxTokens, stop = [] }: Question): string => JSON.stringify([maxTokens, stop]);
  for (const question of questions) {
    const last = block.at(-1);
    const isOther = last !== undefined && limits(last) !== limits(question);
    const isFull = last !== undefined && block.length >= BLOCK_SIZE && last.task !== question.task;
    if (isOther || isFull) {
      yield block;
      block = [];
    }
    block.push(question);
  }
  if (block.length > 0) yield block;
}

interface TaskCounter {
  add(answered: readonly Prediction[]): void;
  inWords(): string;
}

function taskCounter(questions: readonly Question[], done: ReadonlyMap<string, Prediction>): TaskCounter {
  const open = new Map<string, number>();
  for (const { task } of questions) open.set(task, (open.get(task) ?? 0) + 1);
  const total = open.size;
  const add = (answered: Iterable<Prediction>): void => {
    for (const { task } of answered) {
      const left = open.get(task)! - 1;
      if (left === 0) open.delete(task);
      else open.set(task, left);
    }
  };
  add(done.values());
  return {
    add,
    inWords() {
      const [next] = open.keys();
      const counts = total > 1 ? `${total - open.size}/${total} tasks` : "";
      return counts === "" || next === undefined ? counts : `${counts}, next ${next}`;
    },
  };
}
