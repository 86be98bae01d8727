/** Where sessions compute: on the processor, or on a GPU by ONNX Runtime's WebGPU or CUDA; and what is missing where one cannot. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { UserError } from "../errors.ts";

export const DEVICES = ["cpu", "webgpu", "cuda"] as const;
export type Device = (typeof DEVICES)[number];

/**
 * Whether outputs can stay on the device and be fed again: onnxruntime-node binds WebGPU's buffers alone (decision 7). On the
 * processor there is nothing to keep.
 */
export function keepsValues(device: Device): boolean {
  return device === "webgpu";
}

/** Before the first session there; in the main thread, since a worker's environment is a copy. */
export function prepareDevice(device: Device): void {
  // Products in full float32, as on the processor: NVIDIA's libraries would round the factors to 10 bits.
  if (device === "cuda") process.env["NVIDIA_TF32_OVERRIDE"] ??= "0";
}

const CUDA_LIBRARIES = ["libonnxruntime_providers_shared.so", "libonnxruntime_providers_cuda.so"];

/** `cause`: why ONNX Runtime did not open a session there. */
export function deviceUnavailable(device: Device, cause: unknown): UserError {
  const said = (cause instanceof Error ? cause.message : String(cause)).trim();
  const missing = (device === "cuda" ? missingForCuda(said) : missingForWebGpu(said)) ?? said;
  return new UserError(
    `No session can be opened on the device ${device}: ${missing}. See docs/devices.md, or use --device cpu.`,
    { code: "device-unavailable", facts: { device, missing }, cause },
  );
}

/** Undefined where ONNX Runtime's own words are all there is. */
function missingForCuda(said: string): string | undefined {
  const platform = `${process.platform}-${process.arch}`;
  if (platform !== "linux-x64") return `onnxruntime-node has CUDA on linux-x64 only, and this is ${platform}`;
  const folder = nativeFolder();
  const absent = CUDA_LIBRARIES.filter((name) => !existsSync(join(folder, name)));
  if (absent.length > 0)
    return `ONNX Runtime's CUDA provider is not installed; put ${absent.join(" and ")} of its version into ${folder}`;
  if (!said.includes("Failed to load shared library")) return undefined;
  const unknown = absentDependencies(join(folder, "libonnxruntime_providers_cuda.so"));
  if (unknown.length === 0) return undefined;
  return (
    `ONNX Runtime's CUDA provider needs libraries that the system does not find: ${unknown.join(", ")}. libcuda.so.1 comes ` +
    `with NVIDIA's driver, the others with CUDA and cuDNN, whose folders LD_LIBRARY_PATH must name`
  );
}

function missingForWebGpu(said: string): string | undefined {
  if (!said.includes("No supported adapters")) return undefined;
  if (process.platform !== "linux") return "the system has no GPU that WebGPU can use";
  return hasVulkanLoader()
    ? "Vulkan finds no driver that is recent enough; NVIDIA's driver brings one, for other GPUs install mesa-vulkan-drivers"
    : "there is no Vulkan loader (libvulkan.so.1); install libvulkan1 and the Vulkan driver of the GPU";
}

/** Where onnxruntime-node keeps ONNX Runtime, which looks for its providers beside itself. */
function nativeFolder(): string {
  const entry = createRequire(import.meta.url).resolve("onnxruntime-node");
  return join(dirname(entry), "..", "bin", "napi-v6", process.platform, process.arch);
}

/** The system's own program that lists what a library needs. */
const LIST_DEPENDENCIES = "ldd";

/** Names of the shared libraries that the dynamic linker misses for this one; none where it cannot be asked. */
function absentDependencies(library: string): string[] {
  const { stdout } = spawnSync(LIST_DEPENDENCIES, [library], { encoding: "utf8" });
  return [...(stdout ?? "").matchAll(/^\s*(\S+) => not found/gm)].map(([, name]) => name!);
}

/** Node loads any library before it finds that this one is no addon; only a missing one fails before. */
function hasVulkanLoader(): boolean {
  try {
    process.dlopen({ exports: {} }, "libvulkan.so.1");
    return true;
  } catch (error) {
    return !(error as Error).message.includes("cannot open shared object file");
  }
}
