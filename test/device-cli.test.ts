/** `--device` on the command line, and what the doctor says of each. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { saveModel } from "../src/model/index.ts";
import { tinyModel } from "./tiny-model.ts";
import { type Flags, commandLine, tuna } from "./tuna-process.ts";

interface Doctor {
  devices: Record<"cpu" | "webgpu" | "cuda", string[]>;
  readiness: Record<"cpu" | "webgpu" | "cuda", { ready: boolean; missing: string[] }>;
}

const folder = mkdtempSync(join(tmpdir(), "tuna-device-"));
afterAll(() => rmSync(folder, { recursive: true }));
const doctor = JSON.parse((await tuna("doctor", "--json")).stdout) as Doctor;
saveModel(tinyModel(), folder);

const at = (name: string): string => join(folder, name);
const file = (name: string, text: string): string => {
  writeFileSync(at(name), text);
  return at(name);
};
const instructions = file("instructions.jsonl", '{"id":"a","instruction":"say:","output":"hi"}\n');
const scored = file("rows.jsonl", '{"id":"a","prompt":"say:","response":"hi"}\n');

function recipe({ second, seed = 0 }: { second: string; seed?: number }): string {
  const common = `kind: sample, model: "${folder}", data: "${instructions}", template: none, n: 2, maxTokens: 4`;
  const stages = `  first: { ${common} }\n  second: { ${common}, seed: ${seed}, device: ${second} }\n`;
  return file("recipe.yaml", `name: Devices\nstages:\n${stages}`);
}

/** The texts of all files in a folder, by their paths. */
function contentOf(path: string): Record<string, string> {
  const files = readdirSync(path, { recursive: true, encoding: "utf8" }).filter((name) =>
    statSync(join(path, name)).isFile(),
  );
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(path, name), "utf8")]));
}

function generate(...device: string[]): ReturnType<typeof tuna> {
  return tuna("generate", "--model", folder, "--prompt", "Once", "--max-tokens", "5", "--json", ...device);
}

/** Behind what the driver itself may print. */
const unavailable = (device: string): string =>
  expect.stringMatching(
    new RegExp(`^error: No session can be opened on the device ${device}: .*--device cpu\\.$`, "m"),
  ) as string;

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

  describe.skipIf(doctor.readiness[device].ready)("where it cannot start, nothing is written", () => {
    const out = at(`out-${device}`);
    const training = { template: "none", epochs: 1, "batch-size": 1 } as const;

    test.each<[string, Flags]>([
      ["sample", { data: instructions, template: "none", n: 2, out: join(out, "samples.jsonl") }],
      ["sft", { data: instructions, out, ...training }],
      ["score", { data: scored, out: join(out, "scored.jsonl") }],
    ])("tuna %s", async (command, flags) => {
      const { status, stderr } = await tuna(...commandLine(command, { model: folder, device, ...flags }));
      expect({ status, stderr }).toEqual({ status: 2, stderr: unavailable(device) });
      expect(existsSync(out)).toBe(false);
    });

    test("nor replaced", async () => {
      const samples = at(`samples-${device}.jsonl`);
      writeFileSync(`${samples}.partial`, '{"madeFrom":{"seed":1}}\n{"id":"a"}\n');
      const flags = { model: folder, data: instructions, out: samples, overwrite: true, device } as const;
      const before = contentOf(folder);
      const { status, stderr } = await tuna(...commandLine("sample", flags));
      expect({ status, stderr }).toEqual({ status: 2, stderr: unavailable(device) });
      expect(contentOf(folder)).toEqual(before);
    });

    test("of a recipe, no stage runs", async () => {
      const run = await tuna("run", recipe({ second: device }), "--out", out);
      expect(run).toMatchObject({ status: 2, stderr: unavailable(device) });
      expect(existsSync(out)).toBe(false);
    });

    test("what a recipe has made on another device is up to date, and stays where a stage has to run again", async () => {
      const made = at(`made-${device}`);
      expect(await tuna("run", recipe({ second: "cpu" }), "--out", made)).toMatchObject({ status: 0 });
      const again = await tuna("run", recipe({ second: device }), "--out", made);
      expect(again.stderr.match(/up to date/g)).toHaveLength(2);
      const before = contentOf(join(made, "second"));
      const changed = await tuna("run", recipe({ second: device, seed: 1 }), "--out", made);
      expect(changed).toMatchObject({ status: 2, stderr: unavailable(device) });
      expect(contentOf(join(made, "second"))).toEqual(before);
    });
  });

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
