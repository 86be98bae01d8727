/** One model's answers to several benchmarks: asked in common batches, kept in one file, and given back by benchmark. */
import type { Prediction, Question } from "../../evaluate/benchmark/question.ts";
import type { Reporter } from "../stage.ts";
import { Student, type StudentOptions } from "../student.ts";

/** What a benchmark asks; its name is put before its tasks, so that no two have one name. */
export interface AskedBenchmark {
  readonly name: string;
  questionsFor(student: Student): readonly Question[];
}

export interface AnswerAllOptions extends StudentOptions {
  readonly out: string;
  readonly overwrite?: boolean | undefined;
  /** Of the bar. */
  readonly label: string;
}

/** By the benchmark's name, in the order of its questions. The same call again goes on behind the answers that are there. */
export async function answerAll(
  benchmarks: readonly AskedBenchmark[],
  { out, overwrite, label, ...options }: AnswerAllOptions,
  reporter: Reporter,
): Promise<Map<string, Prediction[]>> {
  const student = await Student.open(options, reporter);
  try {
    const asked = benchmarks.map((benchmark) => ({
      name: benchmark.name,
      questions: benchmark.questionsFor(student),
    }));
    const all = asked.flatMap(({ name, questions }) =>
      questions.map((question) => ({ ...question, task: `${name}/${question.task}` })),
    );
    const answers = await student.answer(all, { out, overwrite, label });
    let first = 0;
    return new Map(
      asked.map(({ name, questions }) => {
        const own = answers.slice(first, (first += questions.length));
        return [name, own.map((row) => ({ ...row, task: row.task.slice(name.length + 1) }))];
      }),
    );
  } finally {
    await student.close();
  }
}
