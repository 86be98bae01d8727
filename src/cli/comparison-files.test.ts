import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { items, result, share } from "../evaluate/comparison/planted-run.fixture.ts";
import { writeResult } from "../recipe/evaluation-folder.ts";
import { Interrupted } from "../recipe/stage.ts";
import { writeComparison } from "./comparison-files.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-comparison-files-"));
afterAll(() => {
  rmSync(root, { recursive: true });
});

test("the user interrupts while it computes: it stops before the next step, and no report is begun", async () => {
  const folder = join(root, "run");
  for (const name of ["one", "two"]) await writeResult(folder, "m", result(name, items(share(1, 4))));
  const user = new AbortController();
  const shown: unknown[] = [];
  const io = {
    result: () => {
      throw new Error("a result");
    },
    say() {},
    progress: (label: string, total?: number) => ({
      update(done: number, note?: string) {
        shown.push([label, total, done, note]);
        setImmediate(() => user.abort());
      },
      done: () => shown.push("done"),
    }),
    style: (_: unknown, text: string) => text,
    signal: user.signal,
    isTerminal: true,
  };
  const written = writeComparison(
    { runs: [{ name: "a", folders: [folder] }], out: root, examples: 0, seed: 1 },
    io,
  );
  await expect(written).rejects.toBeInstanceOf(Interrupted);
  expect(shown).toEqual([["compare", 2, 0, "one"], "done"]);
  expect(readdirSync(root)).toEqual(["run"]);
});
