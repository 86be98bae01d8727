/** The launcher `bin/tuna.js`, run as users run it: in this repository, and in small projects made for the test. */
import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeEach, describe, expect, test } from "vitest";

const REPOSITORY = fileURLToPath(new URL("..", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "tuna-cli-"));
afterAll(() => {
  rmSync(root, { recursive: true });
});

/** Processes start in about 0.2 s each; a busy machine may need many times that. */
const TIMEOUT_MS = 60_000;

function tuna(argv: string[], { project = REPOSITORY, preload = "" } = {}): SpawnSyncReturns<string> {
  const node = preload === "" ? [] : ["--import", preload];
  return spawnSync(process.execPath, [...node, join(project, "bin/tuna.js"), ...argv], {
    encoding: "utf8",
    cwd: root,
  });
}

describe("in this repository", { timeout: TIMEOUT_MS }, () => {
  test("--help lists the commands on stdout", () => {
    const { status, stdout } = tuna(["--help"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ {2}tuna eval rouge +ROUGE-L/m);
    expect(stdout).toMatch(/^ {2}tuna doctor +\w/m);
  });

  test("a mistyped flag or command exits with 2 and names the nearest", () => {
    const flag = tuna(["eval", "rouge", "--pears", "x"]);
    expect([flag.status, flag.stdout]).toEqual([2, ""]);
    expect(flag.stderr).toContain("error: unknown flag --pears; did you mean --pairs?");
    const command = tuna(["eval", "roueg"]);
    expect([command.status, command.stdout]).toEqual([2, ""]);
    expect(command.stderr).toContain("did you mean tuna eval rouge?");
  });

  test("eval rouge --json prints one JSON document, and --details a row a row", () => {
    const rows = [
      { target: "one two", prediction: "one two" },
      { target: "one", prediction: "two" },
    ];
    writeFileSync(join(root, "pairs.jsonl"), rows.map((row) => JSON.stringify(row)).join("\n"));
    const { status, stdout } = tuna([
      "eval",
      "rouge",
      "--pairs",
      "pairs.jsonl",
      "--details",
      "d/details.jsonl",
      "--json",
    ]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ precision: 0.5, recall: 0.5, fmeasure: 0.5 });
    expect(readdirSync(join(root, "d"))).toEqual(["details.jsonl"]);
  });

  test("a reader that closes stdout early is no error", async () => {
    const child = spawn(process.execPath, [join(REPOSITORY, "bin/tuna.js"), "--help"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.destroy();
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const status = await new Promise((resolve) => child.on("close", resolve));
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

describe("the launcher", { timeout: TIMEOUT_MS }, () => {
  const MAIN = join("src", "cli", "main.ts");
  let project: string;

  /** A project with the real launcher and settings, and a `main` that prints what it is told here. */
  beforeEach(() => {
    project = mkdtempSync(join(root, "project-"));
    for (const name of ["bin", "package.json", "tsconfig.json", "tsconfig.build.json"]) {
      cpSync(join(REPOSITORY, name), join(project, name), { recursive: true });
    }
    symlinkSync(join(REPOSITORY, "node_modules"), join(project, "node_modules"));
    mkdirSync(join(project, "src/cli"), { recursive: true });
    writeMain("first");
  });

  function writeMain(output: string): void {
    writeFileSync(
      join(project, MAIN),
      `import { text } from "../text.ts";
       export async function main(argv: readonly string[]): Promise<number> {
         console.log(text, ...argv);
         return Number(argv[0] ?? 0);
       }`,
    );
    writeFileSync(join(project, "src/text.ts"), `export const text: string = ${JSON.stringify(output)};`);
  }

  test("compiles once, passes the arguments and returns the exit code", () => {
    const first = tuna(["3", "x"], { project });
    expect(first).toMatchObject({
      status: 3,
      stdout: "first 3 x\n",
      stderr: "tuna: compiling src/ to dist/ ...\n",
    });
    expect(tuna([], { project })).toMatchObject({ status: 0, stdout: "first\n", stderr: "" });
    expect(readdirSync(join(project, "dist")).toSorted()).toContain("text.js");
    expect(readdirSync(join(project, "dist")).filter((name) => name.startsWith("."))).toEqual([]);
  });

  test("compiles again after a change, whatever other builds left", () => {
    tuna([], { project });
    writeMain("second");
    const later = new Date(Date.now() + 2000);
    utimesSync(join(project, "src/text.ts"), later, later);
    expect(tuna([], { project }).stdout).toBe("second\n");
  });

  test("does not compile for a changed test", () => {
    tuna([], { project });
    const later = new Date(Date.now() + 2000);
    writeFileSync(join(project, "src/text.test.ts"), "");
    utimesSync(join(project, "src/text.test.ts"), later, later);
    expect(tuna([], { project }).stderr).toBe("");
  });

  test("processes that start at once do not break each other", async () => {
    const runs = Array.from({ length: 4 }, async () => {
      const child = spawn(process.execPath, [join(project, "bin/tuna.js"), "0"], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      let stdout = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
      const status = await new Promise((resolve) => child.on("close", resolve));
      return { status, stdout };
    });
    expect(await Promise.all(runs)).toEqual(
      Array.from({ length: 4 }, () => ({ status: 0, stdout: "first 0\n" })),
    );
  });

  test("says where the source is broken, and keeps what ran before", () => {
    tuna([], { project });
    writeFileSync(join(project, "src/text.ts"), "export const text = ;");
    const later = new Date(Date.now() + 2000);
    utimesSync(join(project, "src/text.ts"), later, later);
    const { status, stdout, stderr } = tuna([], { project });
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/src\/text\.ts.*error TS\d+[^]*src\/ does not compile/);
    expect(existsSync(join(project, "dist/text.js"))).toBe(true);
  });

  test("without compiler: asks for npm ci, or runs what is there with a warning", () => {
    rmSync(join(project, "node_modules"));
    const missing = tuna([], { project });
    expect([missing.status, missing.stdout]).toEqual([2, ""]);
    expect(missing.stderr).toMatch(/^error: .*npm ci/);
    mkdirSync(join(project, "dist/cli"), { recursive: true });
    writeFileSync(
      join(project, "dist/cli/main.js"),
      `export const main = async () => { console.log("old"); return 0; };`,
    );
    utimesSync(join(project, "dist/cli/main.js"), 0, 0);
    const stale = tuna([], { project });
    expect([stale.status, stale.stdout]).toEqual([0, "old\n"]);
    expect(stale.stderr).toMatch(/^warning: .*older/);
  });

  test("a published package has no sources and needs no compiler", () => {
    tuna([], { project });
    rmSync(join(project, "src"), { recursive: true });
    rmSync(join(project, "node_modules"));
    expect(tuna([], { project })).toMatchObject({ status: 0, stdout: "first\n", stderr: "" });
  });

  test("a Node that is too old is told so", () => {
    const preload = `data:text/javascript,${encodeURIComponent(
      `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.20.4" } });`,
    )}`;
    const { status, stdout, stderr } = tuna([], { project, preload });
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^error: tuna needs Node 20\.\d+ or newer, and this is Node 18\.20\.4\n$/);
  });

  test("a command that waits for what never comes does not exit with 0", () => {
    writeFileSync(join(project, MAIN), "export const main = (): Promise<number> => new Promise(() => {});");
    expect(tuna([], { project }).status).toBe(1);
  });
});
