/** `tuna`: finds the command, parses its flags, runs it, and turns what happens into output and an exit code. */
import type { Device } from "../graph/index.ts";
import { Interrupted } from "../recipe/stage.ts";
import { asksForHelp, findCommand, hasFlag, type Registry } from "./find-command.ts";
import { commandHelp, groupHelp, overviewHelp } from "./help.ts";
import { listenForInterruption, type SignalSource } from "./interruption.ts";
import { type CliIo, type CommandIo, createIo, type OutputStream } from "./io.ts";
import { packageFacts } from "./package-facts.ts";
import { parseFlags } from "./parse-flags.ts";
import { registry as allCommands } from "./registry.ts";
import { reportError } from "./report-error.ts";

export interface MainOptions {
  registry?: Registry;
  stdout?: OutputStream;
  stderr?: OutputStream;
  env?: NodeJS.ProcessEnv;
  signals?: SignalSource;
  /** Milliseconds. */
  now?: () => number;
}

/**
 * Runs one command line and returns the exit code: 0 for success, 2 for what the user can mend, 1 for a fault of Tuna,
 * 130 or 143 after an interruption. Nothing is thrown, and stdout holds with `--json` one line of JSON or nothing.
 */
export async function main(argv: readonly string[], options: MainOptions = {}): Promise<number> {
  const { registry = allCommands, stdout = process.stdout, stderr = process.stderr } = options;
  const { env = process.env, signals = process, now = Date.now } = options;
  const streams: OutputStream[] = [stdout, stderr];
  for (const stream of streams) stream.on("error", ignoreClosedPipe);
  const interruption = listenForInterruption(signals, (text) => io.say(text));
  const json = hasFlag(argv, "--json");
  const io = createIo({ stdout, stderr, env, now, json, signal: interruption.signal });
  try {
    await answer(argv, registry, io);
    return interruption.exitCode ?? 0;
  } catch (error) {
    if (interruption.exitCode !== undefined && isInterruption(error, io)) return interruption.exitCode;
    const exitCode = reportError(error, io);
    return interruption.exitCode ?? exitCode;
  } finally {
    interruption.end();
  }
}

async function answer(argv: readonly string[], registry: Registry, io: CommandIo): Promise<void> {
  const request = findCommand(argv, registry);
  if (request.kind === "version") return showVersion(io);
  if (request.kind === "overview") return showHelp(await overviewHelp(registry, packageFacts()), io);
  if (request.kind === "group-help") return showHelp(await groupHelp(request.group, registry), io);
  const { command } = await registry[request.name]!();
  if (asksForHelp(request.argv)) return showHelp(commandHelp(command), io);
  const flags = parseFlags(request.argv, command);
  if (flags["device"] !== undefined) await checkDevice(flags["device"] as Device);
  await command.run(flags, io);
}

/** Before the command writes, replaces or downloads anything. */
async function checkDevice(device: Device): Promise<void> {
  // ONNX Runtime takes a moment to load, which commands without a device should not wait for.
  const graph = await import("../graph/index.ts");
  await graph.checkDevice(device);
}

function showVersion(io: CommandIo): void {
  const { version } = packageFacts();
  io.result({ version }, version);
}

function showHelp(help: string, io: CommandIo): void {
  io.result({ help }, help);
}

/** Where a stage says what it has saved, the user is told. */
function isInterruption(error: unknown, io: CliIo): boolean {
  if (error instanceof Interrupted) {
    io.say(error.message);
    io.failure({ code: "interrupted", message: error.message });
    return true;
  }
  return error instanceof Error && error.name === "AbortError";
}

/** A reader that has seen enough (`tuna ... | head`) is no fault: the command goes on, since it may also write files. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
