/** Runs a measured script in a process of its own, so that its memory is its own, and reads the line of JSON it prints. */
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { nodeLlamaCpp, pythonEnvironment } from "./peers/environment.js";

/** Our side; throws where it fails. */
export function measureOurs(script, ...options) {
  return measure(process.execPath, join(import.meta.dirname, "ours", script), options);
}

/** A peer; null where it cannot be had, with the reason on stderr. */
export function measurePeer(script, ...options) {
  const path = join(import.meta.dirname, "peers", script);
  try {
    if (script.endsWith(".py")) return measure(pythonEnvironment(), path, options);
    nodeLlamaCpp();
    return measure(process.execPath, path, options);
  } catch (error) {
    console.error(`bench: no figures of ${script} ${options.slice(2).join(" ")}: ${error.message}`);
    return null;
  }
}

function measure(program, script, options) {
  const threads = String(availableParallelism());
  const child = spawnSync(program, [script, ...options.map(String)], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    env: { ...process.env, OMP_NUM_THREADS: threads, HF_HUB_OFFLINE: "1", PYTHONDONTWRITEBYTECODE: "1" },
  });
  if (child.error !== undefined) throw child.error;
  if (child.status !== 0) {
    const how = child.signal === null ? `exit code ${child.status}` : child.signal;
    throw new Error(`${script}: ${how}\n${child.stderr.trim().slice(-2000)}`);
  }
  return JSON.parse(child.stdout.trim().split("\n").at(-1));
}
