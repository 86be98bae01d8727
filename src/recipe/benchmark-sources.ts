/** Where the benchmarks' data come from: public repositories, each at one commit, and what is known of the files. */
import { UserError } from "../errors.ts";
import { LMENTRY_FILES } from "./lmentry-files.ts";

export interface BenchmarkFile {
  /** In the repository. */
  readonly path: string;
  /** Git's hash of the content; where it is not known, `check` is all there is. */
  readonly gitHash?: string;
  /** Throws for what cannot be the file. */
  readonly check?: (text: string) => void;
}

export interface BenchmarkSource {
  /** On GitHub: owner/name. */
  readonly repository: string;
  readonly commit: string;
  readonly files: readonly BenchmarkFile[];
  /** Files that one of `files` names, by its text. */
  readonly listed?: { readonly by: string; readonly files: (list: string) => readonly BenchmarkFile[] };
  /** What commands take as `--data`: this part of the repository. */
  readonly folder: string;
  readonly licence: string;
  /** Said after a download. */
  readonly notes: readonly string[];
}

export const BENCHMARK_SOURCES = {
  lmentry: {
    repository: "aviaefrat/lmentry",
    commit: "646ae9080dad00a194fa32cb0f330d7acf3ce60c",
    files: Object.entries(LMENTRY_FILES).map(([path, gitHash]) => ({ path, gitHash })),
    folder: "data",
    licence: "none stated",
    notes: [
      "The data carry a canary GUID: they must not be trained on, nor end up in a corpus. Keep the canary with every copy.",
    ],
  },
  "super-ni": {
    repository: "allenai/natural-instructions",
    commit: "b00871c954282e35d14de77c546918ee8b9d90da",
    files: [{ path: "splits/default/test_tasks.txt", gitHash: "85b968fc450d8c7e263c061764a939d579743ade" }],
    listed: {
      by: "splits/default/test_tasks.txt",
      files: (list: string) =>
        list
          .split("\n")
          .filter((name) => name !== "")
          .map((name) => ({ path: `tasks/${name}.json`, check: checkTaskFile })),
    },
    folder: "tasks",
    licence: "Apache-2.0; each task names the licence of its own instances",
    notes: ["These are the test tasks: they must not be trained on."],
  },
  "vicuna-qa": {
    repository: "lm-sys/FastChat",
    commit: "f8d3230d07ed4287444bb830d02e2896068789ba",
    files: [
      {
        path: "fastchat/eval/table/question.jsonl",
        gitHash: "c946b8f79deba324a88ab0d61a322942b19fa764",
      },
      {
        path: "fastchat/eval/table/prompt.jsonl",
        gitHash: "9ac5d91610dc90afb0c2947769ba641d2509711e",
      },
      {
        path: "fastchat/eval/table/reviewer.jsonl",
        gitHash: "2f8941a641bcee0307fb2bb40c0365150f9d84fe",
      },
    ],
    folder: "fastchat/eval/table",
    licence: "Apache-2.0",
    notes: ["These are the questions of an evaluation: they must not be trained on."],
  },
} as const satisfies Record<string, BenchmarkSource>;

export type BenchmarkName = keyof typeof BENCHMARK_SOURCES;
export const BENCHMARK_NAMES: readonly BenchmarkName[] = Object.keys(BENCHMARK_SOURCES) as BenchmarkName[];

/** The commit's own hashes are not at hand for these files: they must at least be whole, and of their kind. */
function checkTaskFile(text: string): void {
  const { Definition: definition, Instances: instances } = JSON.parse(text) as Record<string, unknown>;
  const isTask = definition !== undefined && Array.isArray(instances) && instances.length > 0;
  if (!isTask) throw new UserError("no Definition or no Instances", { code: "benchmark-file-invalid" });
}
