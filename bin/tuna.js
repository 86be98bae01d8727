#!/usr/bin/env node
/** Starts `tuna`: checks the Node version, compiles a clone where needed, and runs `dist/cli/main.js`. */
// No syntax here that an old Node cannot parse: it has to live until its version is checked.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("..", import.meta.url);
const required = JSON.parse(readFileSync(new URL("package.json", root), "utf8")).engines.node.replace(
  ">=",
  "",
);

if (isOlder(process.versions.node, required)) {
  process.stderr.write(
    "error: tuna needs Node " + required + " or newer, and this is Node " + process.versions.node + "\n",
  );
  process.exitCode = 2;
} else {
  void start();
}

async function start() {
  const { compileIfStale } = await import("./compile.js");
  if (!compileIfStale(fileURLToPath(root))) {
    process.exitCode = 2;
    return;
  }
  const { main } = await import(new URL("dist/cli/main.js", root).href);
  // If nothing is left to do while a command still waits, Node ends the process: that must not look like success.
  process.exitCode = 1;
  process.exitCode = await main(process.argv.slice(2));
}

/** Compares the parts of two dotted versions as numbers. */
function isOlder(version, minimum) {
  const have = version.split(".").map(Number);
  const need = minimum.split(".").map(Number);
  const differing = need.findIndex((part, i) => part !== (have[i] || 0));
  return differing !== -1 && (have[differing] || 0) < need[differing];
}
