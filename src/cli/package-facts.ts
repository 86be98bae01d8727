/** What `package.json` says about this package; the file lies two folders above `src/cli` and `dist/cli` alike. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const packageSchema = z.object({
  version: z.string(),
  description: z.string(),
  bugs: z.object({ url: z.string() }).optional(),
});

export function packageFacts(): z.output<typeof packageSchema> {
  return packageSchema.parse(JSON.parse(readFileSync(join(packageFolder(), "package.json"), "utf8")));
}

/** Where the package is installed, with its recipes. */
export function packageFolder(): string {
  return fileURLToPath(new URL("../..", import.meta.url));
}
