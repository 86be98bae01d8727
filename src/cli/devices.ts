/** Which of the devices can start: each is tried in a process of its own. */
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { DEVICES, type Device } from "../graph/index.ts";
import type { RunProgram } from "./machine.ts";

/** What is missing for each; empty where it can start. */
export type Devices = Readonly<Record<Device, readonly string[]>>;

export async function tryDevices(run: RunProgram): Promise<Devices> {
  const entries = await Promise.all(
    DEVICES.map(async (device) => [device, await missingFor(device, run)] as const),
  );
  return Object.fromEntries(entries) as Record<Device, string[]>;
}

const answer = z.object({ missing: z.string() });

async function missingFor(device: Device, run: RunProgram): Promise<string[]> {
  // Only the compiled program: Node 20 cannot run TypeScript.
  const program = fileURLToPath(new URL("./probe-device.js", import.meta.url));
  try {
    const { missing } = answer.parse(JSON.parse(await run(process.execPath, [program, device])));
    return missing === "" ? [] : [missing];
  } catch (error) {
    const [reason] = (error as Error).message.split("\n");
    return [`the process that tried it ended: ${reason}`];
  }
}
