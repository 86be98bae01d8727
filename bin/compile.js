/** Compiles `src/` to `dist/` in a clone of the repository, so that `tuna` runs what the source says. */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** Moved into place last: as old as the sources it was made from, it says whether all of `dist/` is up to date. */
const ENTRY = join("cli", "main.js");

/** As `tsconfig.build.json` has it: neither tests nor their fixtures. */
const COMPILED = /(?<!\.(test|fixture))\.ts$/;

/** Returns false, after a message on stderr, where there is nothing to run. */
export function compileIfStale(root) {
  const source = join(root, "src");
  const entry = join(root, "dist", ENTRY);
  // A published package has no sources.
  if (!existsSync(source)) return true;
  const isCompiled = existsSync(entry);
  if (isCompiled && statSync(entry).mtimeMs >= newestSource(source)) return true;
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  if (existsSync(compiler)) return compile(root, compiler);
  if (isCompiled) say("warning: dist/ is older than src/, and there is no compiler; npm ci installs it");
  else say(`error: tuna is not compiled yet, and its compiler is not installed: run npm ci in ${root} first`);
  return isCompiled;
}

function newestSource(source) {
  const files = readdirSync(source, { recursive: true }).filter((file) => COMPILED.test(file));
  return Math.max(...files.map((file) => statSync(join(source, file)).mtimeMs));
}

/**
 * Compiles to a folder of its own and renames file by file. Two processes that start at once both compile, and each
 * file is at any moment a whole one; one killed halfway leaves the old entry, so the next compiles again.
 */
function compile(root, compiler) {
  say("tuna: compiling src/ to dist/ ...");
  const start = new Date();
  const dist = join(root, "dist");
  mkdirSync(dist, { recursive: true });
  const output = mkdtempSync(join(dist, ".compiling-"));
  try {
    // Types are checked by `npm run check`; here only the JavaScript counts. Incremental builds trust a record of what
    // stands in dist/, which is wrong once anything else wrote there.
    const options = ["--noCheck", "--incremental", "false", "--outDir", output];
    const args = [compiler, "-p", join(root, "tsconfig.build.json"), ...options];
    const { status } = spawnSync(process.execPath, args, { stdio: ["ignore", 2, 2] });
    if (status !== 0) {
      say("error: src/ does not compile; the compiler's messages stand above");
      return false;
    }
    // Not the time of the compilation's end: a file saved meanwhile is newer than what was compiled.
    utimesSync(join(output, ENTRY), start, start);
    moveFiles(output, dist);
    return true;
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

function moveFiles(from, to) {
  const entries = readdirSync(from, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const last = join(from, ENTRY);
  for (const file of [...files.filter((path) => path !== last), last]) {
    const target = join(to, file.slice(from.length));
    mkdirSync(dirname(target), { recursive: true });
    renameSync(file, target);
  }
}

function say(text) {
  process.stderr.write(`${text}\n`);
}
