import { expect, test } from "vitest";
import type { Machine } from "../machine.ts";
import { checkReadiness, report } from "./doctor.ts";

const machine: Machine = {
  node: "v20.20.2",
  platform: "linux-x64",
  processor: "AMD EPYC",
  cores: 2,
  memoryBytes: 24 * 2 ** 30,
  freeMemoryBytes: 20.5 * 2 ** 30,
  gpus: [],
  onnxruntime: { version: "1.30.0", providers: ["cpu", "webgpu"] },
  devices: { cpu: [], webgpu: ["there is no Vulkan loader"], cuda: ["the provider is not installed"] },
  python: undefined,
};

test("a machine for the embedded engine alone", () => {
  expect(report(machine, checkReadiness(machine, "python3"))).toMatchInlineSnapshot(`
    "Node          v20.20.2 on linux-x64
    Processor     2 cores, AMD EPYC
    Memory        24.0 GiB, 20.5 GiB free
    NVIDIA GPU    none
    ONNX Runtime  1.30.0, providers cpu, webgpu
    Python        none
    PyTorch       none

    embedded engine: ready
    --device cpu: ready
    --device webgpu: not ready
      there is no Vulkan loader
    --device cuda: not ready
      the provider is not installed
    torch engine: not ready
      no Python answers as python3
    GPU for torch: not ready
      no NVIDIA driver answers (nvidia-smi)"
  `);
});

test("a machine for both", () => {
  const large: Machine = {
    ...machine,
    gpus: [{ name: "NVIDIA H200", memoryBytes: 140 * 2 ** 30 }],
    devices: { cpu: [], webgpu: [], cuda: [] },
    python: { version: "3.11.7", torch: { version: "2.8.0", gpus: ["NVIDIA H200"] } },
  };
  const readiness = checkReadiness(large, "python3");
  const ready = { ready: true, missing: [] };
  expect(readiness).toEqual({
    embedded: ready,
    cpu: ready,
    webgpu: ready,
    cuda: ready,
    torch: ready,
    gpu: ready,
  });
  expect(report(large, readiness)).toMatchInlineSnapshot(`
    "Node          v20.20.2 on linux-x64
    Processor     2 cores, AMD EPYC
    Memory        24.0 GiB, 20.5 GiB free
    NVIDIA GPU    NVIDIA H200, 140.0 GiB
    ONNX Runtime  1.30.0, providers cpu, webgpu
    Python        3.11.7
    PyTorch       2.8.0, 1 GPUs

    embedded engine: ready
    --device cpu: ready
    --device webgpu: ready
    --device cuda: ready
    torch engine: ready
    GPU for torch: ready"
  `);
});

test("a broken ONNX Runtime and a Python without PyTorch", () => {
  const broken: Machine = {
    ...machine,
    onnxruntime: { problem: "libstdc++.so.6: version not found" },
    python: { version: "3.8.1", torchProblem: "ModuleNotFoundError: No module named 'torch'" },
  };
  const readiness = checkReadiness(broken, ".venv/bin/python");
  expect(readiness.embedded.missing).toEqual([
    "onnxruntime-node does not load: libstdc++.so.6: version not found",
  ]);
  expect(readiness.torch.missing[0]).toContain(".venv/bin/python -m pip install torch");
  expect(report(broken, readiness)).toContain("embedded engine: not ready");
});

test("a PyTorch that does not see the GPU there is", () => {
  const blind: Machine = {
    ...machine,
    gpus: [{ name: "NVIDIA H200", memoryBytes: 140 * 2 ** 30 }],
    python: { version: "3.11.7", torch: { version: "2.8.0+cpu", gpus: [] } },
  };
  const { torch, gpu } = checkReadiness(blind, "python3");
  expect(torch.ready).toBe(true);
  expect(gpu.missing).toEqual(["PyTorch sees no GPU: is it a build for the processor alone?"]);
});
