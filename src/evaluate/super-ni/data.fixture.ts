/** Tasks of our own in both forms of data, for tests that need no data from elsewhere. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

export interface FixtureTask {
  category?: string;
  definition?: string | string[];
  examples?: { input: string; output: string }[];
  instances?: object[];
}

const EXAMPLES = [
  { input: "cold", output: "hot", explanation: "Cold is the opposite." },
  { input: "up!", output: "down" },
  { input: "never used", output: "ever used" },
];

const INSTANCES = [
  { id: "i-1", input: "  left ", output: ["right", "the right side"] },
  { id: "i-2", input: "big?", output: ["small"] },
];

/** The object of an official `taskNNN_*.json`. */
export function officialTask(task: FixtureTask = {}): Record<string, unknown> {
  const { category = "Word Analogy", definition = ["Say the opposite"] } = task;
  return {
    Contributors: ["nobody"],
    Categories: [category, "Another"],
    Definition: definition,
    "Positive Examples": task.examples ?? EXAMPLES,
    "Negative Examples": [],
    Instances: task.instances ?? INSTANCES,
  };
}

/** A line of the other form. */
export function taskLine(name: string, task: FixtureTask = {}): Record<string, unknown> {
  const { Categories, Definition, Instances, ...rest } = officialTask(task);
  return {
    task: name,
    category: (Categories as string[])[0],
    definition: Definition,
    positive_examples: rest["Positive Examples"],
    instances: Instances,
  };
}

export function writeFixture(path: string, content: unknown): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content, null, 2));
  return path;
}
