/** How a local model is named where a server's URL#MODEL may stand too: `local:FOLDER`, or the folder of a model. */
import { existsSync } from "node:fs";
import { join } from "node:path";

export const LOCAL = "local:";

/** Undefined for everything else. The `#` of other references may end it. */
export function localModelFolder(reference: string): string | undefined {
  if (reference.startsWith(LOCAL)) return reference.slice(LOCAL.length).replace(/#$/, "");
  const isFolder = ["config.json", "adapter_config.json"].some((file) => existsSync(join(reference, file)));
  return isFolder ? reference : undefined;
}
