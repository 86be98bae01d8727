/** `tuna doctor`: what this machine can run, and what is missing for the torch engine or a GPU. */
import { z } from "zod";
import { defineCommand } from "../command.ts";
import { inspectMachine, type Machine } from "../machine.ts";
import { table } from "../table.ts";

export const command = defineCommand({
  name: "doctor",
  summary: "What this machine can run, and what is missing for torch or a GPU.",
  examples: ["tuna doctor", "tuna doctor --python .venv/bin/python --json"],
  options: z.strictObject({
    python: z
      .string()
      .default("python3")
      .meta({ placeholder: "PROGRAM" })
      .describe("The Python interpreter for the torch engine."),
  }),
  async run({ python }, io) {
    const machine = await inspectMachine({ python });
    const engines = checkEngines(machine, python);
    io.result({ ...machine, engines }, report(machine, engines));
  },
});

export type Engines = Record<"embedded" | "torch", { ready: boolean; missing: string[] }>;

/** What keeps each engine from running. */
export function checkEngines({ onnxruntime, python }: Machine, interpreter: string): Engines {
  const embedded = "problem" in onnxruntime ? [`onnxruntime-node does not load: ${onnxruntime.problem}`] : [];
  const torch: string[] = [];
  if (python === undefined) torch.push(`Python: no answer from ${interpreter}`);
  else if (python.torch === undefined) {
    torch.push(
      `PyTorch: ${python.torchProblem ?? "not found"}; install it with ${interpreter} -m pip install torch`,
    );
  }
  return {
    embedded: { ready: embedded.length === 0, missing: embedded },
    torch: { ready: torch.length === 0, missing: torch },
  };
}

export function report(machine: Machine, engines: Engines): string {
  const { onnxruntime, python } = machine;
  const facts = table([
    ["Node", `${machine.node} on ${machine.platform}`],
    ["Processor", `${machine.cores} cores, ${machine.processor}`],
    ["Memory", `${gibibytes(machine.memoryBytes)}, ${gibibytes(machine.freeMemoryBytes)} free`],
    [
      "NVIDIA GPU",
      machine.gpus.map((gpu) => `${gpu.name}, ${gibibytes(gpu.memoryBytes)}`).join("; ") || "none",
    ],
    [
      "ONNX Runtime",
      "problem" in onnxruntime
        ? "broken"
        : `${onnxruntime.version}, providers ${onnxruntime.providers.join(", ")}`,
    ],
    ["Python", python?.version ?? "none"],
    [
      "PyTorch",
      python?.torch ? `${python.torch.version}, GPUs ${python.torch.gpus.join(", ") || "none"}` : "none",
    ],
  ]);
  const verdicts = Object.entries(engines).map(([name, { missing }]) =>
    [
      `${name} engine: ${missing.length === 0 ? "ready" : "not ready"}`,
      ...missing.map((item) => `  ${item}`),
    ].join("\n"),
  );
  return [facts, "", ...verdicts].join("\n");
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
