/** `tuna doctor`: what this machine can run, and what is missing for a device, the torch engine or its GPU. */
import { z } from "zod";
import { DEVICES, type Device } from "../../graph/index.ts";
import { CAPABILITIES, type Capability, type ProbeResult, openServer, probeServer } from "../../llm/index.ts";
import { keyFields, keysOf } from "../../recipe/key-file.ts";
import { defineCommand } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { inspectMachine, type Machine } from "../machine.ts";
import { table } from "../table.ts";

export const command = defineCommand({
  name: "doctor",
  summary:
    "What this machine can run, and what is missing for a GPU or torch; what a teacher or judge can do.",
  examples: [
    "tuna doctor",
    "tuna doctor --python .venv/bin/python --json",
    "tuna doctor --teacher http://127.0.0.1:8000/v1#meta-llama/Llama-3.1-8B",
  ],
  options: z.strictObject({
    python: z
      .string()
      .default("python3")
      .meta({ placeholder: "PROGRAM" })
      .describe("The Python interpreter for the torch engine."),
    teacher: z
      .string()
      .optional()
      .meta({ placeholder: "URL#MODEL" })
      .describe(
        "Ask this server instead, a teacher or a judge, with some eight short requests: what it can do for Tuna.",
      ),
    api: z
      .enum(["chat", "completions"])
      .optional()
      .describe("With --teacher: which of the server's interfaces to ask. Default chat."),
    ...keyFields,
  }),
  async run({ python, teacher, ...connection }, io) {
    if (teacher !== undefined) return inspectServer(teacher, connection, io);
    const machine = await inspectMachine({ python });
    const readiness = checkReadiness(machine, python);
    io.result({ ...machine, readiness }, report(machine, readiness));
  },
});

interface ServerOptions {
  readonly api?: "chat" | "completions" | undefined;
  readonly keyFile?: string | undefined;
}

async function inspectServer(
  reference: string,
  { api, ...keys }: ServerOptions,
  io: CommandIo,
): Promise<void> {
  const server = openServer(reference, { api, ...keysOf(keys, (message) => io.say(message)) });
  const probe = await probeServer(server, { signal: io.signal });
  io.result({ server: reference, ...probe }, serverReport(reference, probe));
}

export function serverReport(reference: string, { findings, requests, usage }: ProbeResult): string {
  const names = Object.keys(CAPABILITIES) as Capability[];
  const lines = names.flatMap((name) => {
    const { ok, note } = findings[name];
    return [`${CAPABILITIES[name]}: ${ok ? "yes" : "no"}`, ...(note === undefined ? [] : [`  ${note}`])];
  });
  const spent = `${usage.promptTokens} prompt and ${usage.completionTokens} completion tokens`;
  return [`${reference}: asked ${requests} times, ${spent}`, "", ...lines].join("\n");
}

/** What is missing for each engine, for its devices, and for torch's GPU; empty where it can start. */
export type Readiness = Record<"embedded" | Device | "torch" | "gpu", State>;

interface State {
  ready: boolean;
  missing: readonly string[];
}

/** `interpreter`: the Python that was asked. */
export function checkReadiness(machine: Machine, interpreter: string): Readiness {
  const { onnxruntime, devices, python, gpus } = machine;
  const embedded = "problem" in onnxruntime ? [`onnxruntime-node does not load: ${onnxruntime.problem}`] : [];
  const torch: string[] = [];
  const gpu = gpus.length === 0 ? ["no NVIDIA driver answers (nvidia-smi)"] : [];
  if (python === undefined) torch.push(`no Python answers as ${interpreter}`);
  else if (python.torch === undefined) {
    const problem = python.torchProblem ?? "not found";
    torch.push(`PyTorch: ${problem}; install it with ${interpreter} -m pip install torch`);
  } else if (gpus.length > 0 && python.torch.gpus.length === 0) {
    gpu.push("PyTorch sees no GPU: is it a build for the processor alone?");
  }
  const state = (missing: readonly string[]): State => ({ ready: missing.length === 0, missing });
  const { cpu, webgpu, cuda } = devices;
  return {
    embedded: state(embedded),
    cpu: state(cpu),
    webgpu: state(webgpu),
    cuda: state(cuda),
    torch: state(torch),
    gpu: state(gpu),
  };
}

export function report(machine: Machine, readiness: Readiness): string {
  const { onnxruntime, python, gpus } = machine;
  const facts = table([
    ["Node", `${machine.node} on ${machine.platform}`],
    ["Processor", `${machine.cores} cores, ${machine.processor}`],
    ["Memory", `${gibibytes(machine.memoryBytes)}, ${gibibytes(machine.freeMemoryBytes)} free`],
    ["NVIDIA GPU", gpus.map((gpu) => `${gpu.name}, ${gibibytes(gpu.memoryBytes)}`).join("; ") || "none"],
    ["ONNX Runtime", "problem" in onnxruntime ? "broken" : onnxRuntimeText(onnxruntime)],
    ["Python", python?.version ?? "none"],
    ["PyTorch", python?.torch ? `${python.torch.version}, ${python.torch.gpus.length} GPUs` : "none"],
  ]);
  return [
    facts,
    "",
    ...verdict("embedded engine", readiness.embedded.missing),
    ...DEVICES.flatMap((device) => verdict(`--device ${device}`, readiness[device].missing)),
    ...verdict("torch engine", readiness.torch.missing),
    ...verdict("GPU for torch", readiness.gpu.missing),
  ].join("\n");
}

function onnxRuntimeText({ version, providers }: { version: string; providers: string[] }): string {
  return `${version}, providers ${providers.join(", ")}`;
}

function verdict(what: string, missing: readonly string[]): string[] {
  return [`${what}: ${missing.length === 0 ? "ready" : "not ready"}`, ...missing.map((item) => `  ${item}`)];
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
