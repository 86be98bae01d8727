/** Installs what the peers need, once: a Python environment in bench/.venv, and node-llama-cpp beside this file. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const PEERS = import.meta.dirname;
const VENV = join(PEERS, "../.venv");

/** The path of a Python with torch and transformers; TUNA_BENCH_PYTHON names one that is there already. Throws if it fails. */
export function pythonEnvironment() {
  if (process.env.TUNA_BENCH_PYTHON !== undefined) return process.env.TUNA_BENCH_PYTHON;
  const python = join(VENV, "bin/python");
  const requirements = join(PEERS, "requirements.txt");
  install(join(VENV, "installed.txt"), requirements, () => {
    run("python3", ["-m", "venv", VENV]);
    run(python, ["-m", "pip", "install", "--quiet", "--requirement", requirements]);
  });
  return python;
}

/** Without install scripts, and without the builds for graphics cards. Throws if it fails. */
export function nodeLlamaCpp() {
  const options = ["--ignore-scripts", "--omit=optional", "--no-package-lock", "--no-audit", "--no-fund"];
  install(join(PEERS, "node_modules/installed.json"), join(PEERS, "package.json"), () =>
    run("npm", ["install", "--prefix", PEERS, ...options]),
  );
}

/** `mark` holds what was installed last; where it differs from `wanted`, installs again. */
function install(mark, wanted, work) {
  const content = readFileSync(wanted, "utf8");
  if (existsSync(mark) && readFileSync(mark, "utf8") === content) return;
  work();
  writeFileSync(mark, content);
}

function run(command, options) {
  console.error(`bench: ${command} ${options.join(" ")}`);
  execFileSync(command, options, { stdio: ["ignore", "ignore", "inherit"] });
}
