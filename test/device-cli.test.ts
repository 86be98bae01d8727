/** `--device` on the command line, and what the doctor says of each. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { saveModel } from "../src/model/index.ts";
import { tinyModel } from "./tiny-model.ts";
import { tuna } from "./tuna-process.ts";

interface Doctor {
  devices: Record<"cpu" | "webgpu" | "cuda", string[]>;
  readiness: Record<"cpu" | "webgpu" | "cuda", { ready: boolean; missing: string[] }>;
}

const folder = mkdtempSync(join(tmpdir(), "tuna-device-"));
afterAll(() => rmSync(folder, { recursive: true }));
const doctor = JSON.parse((await tuna("doctor", "--json")).stdout) as Doctor;
saveModel(tinyModel(), folder);

function generate(...device: string[]): ReturnType<typeof tuna> {
  return tuna("generate", "--model", folder, "--prompt", "Once", "--max-tokens", "5", "--json", ...device);
}

test("the processor is always ready, and what is not ready says what is missing", () => {
  expect(doctor.readiness.cpu).toEqual({ ready: true, missing: [] });
  for (const { ready, missing } of Object.values(doctor.readiness)) expect(missing.length === 0).toBe(ready);
});

test("cpu is the default", async () => {
  const [given, omitted] = [await generate("--device", "cpu"), await generate()];
  expect(given).toMatchObject({ status: 0, stdout: omitted.stdout });
});

test("a device of another name is refused", async () => {
  const { status, stderr } = await generate("--device", "gpu");
  expect(status).toBe(2);
  expect(stderr).toContain("expected one of cpu, webgpu, cuda");
});

describe.each(["webgpu", "cuda"] as const)("%s", (device) => {
  test.skipIf(doctor.readiness[device].ready)(
    "where it cannot start, the command says what the doctor says",
    async () => {
      const { status, stderr } = await generate("--device", device);
      expect(status).toBe(2);
      expect(stderr).toContain(
        `No session can be opened on the device ${device}: ${doctor.devices[device][0]!}`,
      );
      expect(stderr).toContain("docs/devices.md, or use --device cpu");
    },
  );

  test.skipIf(!doctor.readiness[device].ready)(
    "where it can start, it continues as the processor does",
    async () => {
      const [there, here] = [await generate("--device", device), await generate()];
      expect(there.status).toBe(0);
      const idsOf = (stdout: string): unknown => (JSON.parse(stdout) as { tokenIds: unknown }).tokenIds;
      expect(idsOf(there.stdout)).toEqual(idsOf(here.stdout));
    },
  );
});
