/** A device that cannot start says so as a user's error, from whichever thread. From `dist/`, as `session.test.ts`. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { GraphSession, lower, scalar } from "../../dist/graph/index.js";

const onnxruntime = dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
const hasCuda = existsSync(
  join(onnxruntime, "bin/napi-v6", process.platform, process.arch, "libonnxruntime_providers_cuda.so"),
);

test.skipIf(hasCuda).each([false, true])("CUDA without its provider, responsive %s", async (responsive) => {
  const opening = GraphSession.open(lower({ one: scalar(1) }), new Map(), { device: "cuda", responsive });
  await expect(opening).rejects.toMatchObject({
    name: "UserError",
    code: "device-unavailable",
    facts: { device: "cuda" },
    message: expect.stringMatching(
      /^No session can be opened on the device cuda: .*or use --device cpu\.$/,
    ) as string,
  });
});
