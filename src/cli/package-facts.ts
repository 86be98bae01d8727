/** What `package.json` says about this package; the file lies two folders above `src/cli` and `dist/cli` alike. */
import { readFileSync } from "node:fs";
import { z } from "zod";

const packageSchema = z.object({
  version: z.string(),
  description: z.string(),
  bugs: z.object({ url: z.string() }).optional(),
});

export function packageFacts(): z.output<typeof packageSchema> {
  const path = new URL("../../package.json", import.meta.url);
  return packageSchema.parse(JSON.parse(readFileSync(path, "utf8")));
}
