import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: "test/temporary-folder.ts",
    testTimeout: 30_000,
    // Two cores: ONNX Runtime uses both, so more workers only wait for each other.
    maxWorkers: 2,
  },
});
