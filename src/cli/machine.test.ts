import { expect, test } from "vitest";
import { inspectMachine, type RunProgram } from "./machine.ts";

/** A machine on which these programs answer; the others are not installed. */
function programs(answers: Record<string, string>): RunProgram {
  return (file) => {
    const answer = answers[file];
    return answer === undefined ? Promise.reject(new Error(`spawn ${file} ENOENT`)) : Promise.resolve(answer);
  };
}

test("a bare machine has its processor and ONNX Runtime", async () => {
  const machine = await inspectMachine({ python: "python3", run: programs({}) });
  expect(machine).toMatchObject({ node: process.version, gpus: [], python: undefined });
  expect(machine.cores).toBeGreaterThan(0);
  expect(machine.memoryBytes).toBeGreaterThan(2 ** 28);
  expect(machine.onnxruntime).toMatchObject({ providers: expect.arrayContaining(["cpu"]) as string[] });
});

test("reads what nvidia-smi and Python print", async () => {
  const run = programs({
    // nvidia-smi --query-gpu=name,memory.total --format=csv,noheader,nounits
    "nvidia-smi": "NVIDIA H200, 143771\nNVIDIA H200, 143771\n",
    "my-python": '{"version": "3.11.7", "torch": {"version": "2.8.0+cu128", "gpus": ["NVIDIA H200"]}}\n',
  });
  const machine = await inspectMachine({ python: "my-python", run });
  expect(machine.gpus).toHaveLength(2);
  expect(machine.gpus[0]).toEqual({ name: "NVIDIA H200", memoryBytes: 143_771 * 1024 * 1024 });
  expect(machine.python).toEqual({
    version: "3.11.7",
    torch: { version: "2.8.0+cu128", gpus: ["NVIDIA H200"] },
  });
});

test("an interpreter that prints something else counts as none", async () => {
  const machine = await inspectMachine({
    python: "python3",
    run: programs({ python3: "Python is not here\n" }),
  });
  expect(machine.python).toBeUndefined();
});

test("each device is tried in a process of its own, and one that crashes is not ready", async () => {
  const asked: string[] = [];
  const run: RunProgram = async (file, [program = "", device = ""]) => {
    if (!program.endsWith("probe-device.js")) throw new Error(`spawn ${file} ENOENT`);
    asked.push(device);
    if (device === "cuda") throw new Error("Command failed: node probe-device.js cuda\nSegmentation fault");
    return JSON.stringify({ missing: device === "webgpu" ? "there is no Vulkan loader" : "" });
  };
  const { devices } = await inspectMachine({ python: "python3", run });
  expect(asked.toSorted()).toEqual(["cpu", "cuda", "webgpu"]);
  expect(devices).toEqual({
    cpu: [],
    webgpu: ["there is no Vulkan loader"],
    cuda: ["the process that tried it ended: Command failed: node probe-device.js cuda"],
  });
});
