/** Compares evaluated runs with a baseline, benchmark by benchmark. */
import { UserError } from "../../errors.ts";
import { holmAdjusted } from "../statistics/holm.ts";
import { benchmarkOrder } from "./benchmark-kind.ts";
import { compareBenchmark } from "./compare-benchmark.ts";
import type { BenchmarkComparison, Comparison } from "./comparison.ts";
import { type EvaluatedRun, type PooledResult, poolSeeds } from "./pool-seeds.ts";

export interface ComparisonOptions {
  /** A run's name; the first run's where it is left out. */
  readonly baseline?: string | undefined;
  readonly seed: number;
  /** Of each benchmark. */
  readonly numExamples: number;
  /** Awaited between the steps of a benchmark: whoever else works in this thread has a turn. What it throws ends the comparison. */
  readonly pause?: ((benchmark: string) => Promise<void>) | undefined;
}

/** Throws a `UserError` for runs that have nothing in common, and for a baseline that is none of them. */
export async function compareRuns(
  runs: readonly EvaluatedRun[],
  { pause, ...options }: ComparisonOptions,
): Promise<Comparison> {
  const baseline = baselineOf(runs, options.baseline);
  const pooled = runs.map(poolSeeds);
  refuseUnrelated(runs, pooled);
  const names = new Set(pooled.flat().map(({ benchmark }) => benchmark));
  const benchmarks: BenchmarkComparison[] = [];
  for (const name of [...names].toSorted(benchmarkOrder)) {
    benchmarks.push(
      await compareBenchmark(
        pooled.flat().filter(({ benchmark }) => benchmark === name),
        { ...options, baseline, pause: async () => pause?.(name) },
      ),
    );
  }
  return {
    baseline,
    seed: options.seed,
    runs: runs.map(({ name, seeds }) => ({ name, models: seeds.map(({ model }) => model) })),
    ...corrected(benchmarks),
  };
}

function baselineOf(runs: readonly EvaluatedRun[], name: string | undefined): string {
  if (name === undefined) return runs[0]!.name;
  if (runs.some((run) => run.name === name)) return name;
  throw new UserError(
    `no run is named ${JSON.stringify(name)}; the runs are ${runs.map((run) => run.name).join(", ")}. Give one of these as baseline.`,
    { code: "comparison-no-baseline", facts: { baseline: name } },
  );
}

function refuseUnrelated(runs: readonly EvaluatedRun[], pooled: readonly (readonly PooledResult[])[]): void {
  for (const [index, results] of pooled.entries()) {
    const { name } = runs[index]!;
    if (results.length === 0) {
      throw new UserError(`${name}: its evaluation holds no benchmark. Run tuna eval with --results first.`, {
        code: "comparison-no-benchmark",
        facts: { run: name },
      });
    }
    const others = pooled.filter((other) => other !== results).flat();
    const shares = results.some(({ benchmark }) => others.some((other) => other.benchmark === benchmark));
    if (others.length > 0 && !shares) {
      throw new UserError(
        `${name} has ${results.map(({ benchmark }) => benchmark).join(", ")}, and no other run has any of these. ` +
          "Evaluate it on a benchmark of the others, or leave it out.",
        { code: "comparison-nothing-in-common", facts: { run: name } },
      );
    }
  }
}

/** S. Holm, 1979: one family of all tests of the comparison. */
function corrected(benchmarks: readonly BenchmarkComparison[]): Pick<Comparison, "benchmarks" | "numTests"> {
  const tests = benchmarks.flatMap(({ runs }) => runs.flatMap((run) => (run.test ? [run.test] : [])));
  const holmP = new Map(holmAdjusted(tests.map(({ p }) => p)).map((p, i) => [tests[i]!, p]));
  return {
    numTests: tests.length,
    benchmarks: benchmarks.map((benchmark) => ({
      ...benchmark,
      runs: benchmark.runs.map((run) => ({
        ...run,
        test: run.test && { ...run.test, holmP: holmP.get(run.test)! },
      })),
    })),
  };
}
