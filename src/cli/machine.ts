/** What this machine has for Tuna: processor, memory, GPU, ONNX Runtime and its devices, Python and PyTorch. */
import { execFile } from "node:child_process";
import { availableParallelism, cpus, freemem, totalmem } from "node:os";
import { promisify } from "node:util";
import { z } from "zod";
import { type Devices, tryDevices } from "./devices.ts";

/** Runs a program and returns what it writes to stdout; rejects if it is missing or fails. */
export type RunProgram = (file: string, args: readonly string[]) => Promise<string>;

export interface Machine {
  node: string;
  platform: string;
  processor: string;
  cores: number;
  memoryBytes: number;
  freeMemoryBytes: number;
  /** As the NVIDIA driver names them; empty where it has none or there is no driver. */
  gpus: { name: string; memoryBytes: number }[];
  onnxruntime: { version: string; providers: string[] } | { problem: string };
  devices: Devices;
  python: PythonFacts | undefined;
}

export interface MachineOptions {
  /** The Python interpreter to ask. */
  python: string;
  run?: RunProgram;
}

export async function inspectMachine({ python, run = runProgram }: MachineOptions): Promise<Machine> {
  const [gpus, onnxruntime, devices, pythonFacts] = await Promise.all([
    findGpus(run),
    loadOnnxRuntime(),
    tryDevices(run),
    askPython(python, run),
  ]);
  return {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    processor: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: usableMemory(),
    freeMemoryBytes: freemem(),
    gpus,
    onnxruntime,
    devices,
    python: pythonFacts,
  };
}

/** A container may have less than the machine. */
function usableMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

async function findGpus(run: RunProgram): Promise<Machine["gpus"]> {
  const query = ["--query-gpu=name,memory.total", "--format=csv,noheader,nounits"];
  const list = await run("nvidia-smi", query).catch(() => "");
  const rows = list.trim().split("\n").filter(Boolean);
  return rows.map((row) => {
    const [name = "", mebibytes] = row.split(", ");
    return { name, memoryBytes: Number(mebibytes) * 2 ** 20 };
  });
}

/** Imported here and not above: a broken native library is what the doctor has to tell. */
async function loadOnnxRuntime(): Promise<Machine["onnxruntime"]> {
  try {
    const { env, listSupportedBackends } = await import("onnxruntime-node");
    const bundled = listSupportedBackends().filter((backend) => backend.bundled);
    return { version: env.versions.node ?? "unknown", providers: bundled.map(({ name }) => name) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

const pythonSchema = z.object({
  version: z.string(),
  torch: z.object({ version: z.string(), gpus: z.array(z.string()) }).optional(),
  torchProblem: z.string().optional(),
});
type PythonFacts = z.output<typeof pythonSchema>;

const PYTHON_PROBE = `
import json, platform
facts = {"version": platform.python_version()}
try:
    import torch
    gpus = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    facts["torch"] = {"version": torch.__version__, "gpus": gpus}
except Exception as error:
    facts["torchProblem"] = f"{type(error).__name__}: {error}"
print(json.dumps(facts))
`;

/** Undefined where nothing of that name answers as Python does: the `python3` of Windows only opens a shop. */
async function askPython(python: string, run: RunProgram): Promise<PythonFacts | undefined> {
  try {
    return pythonSchema.parse(JSON.parse(await run(python, ["-c", PYTHON_PROBE])));
  } catch {
    return undefined;
  }
}

const runFile = promisify(execFile);

async function runProgram(file: string, args: readonly string[]): Promise<string> {
  const { stdout } = await runFile(file, args, { timeout: 60_000 });
  return stdout;
}
