/** Every command of `tuna`, in the order of the help. Each file is loaded only when its command runs or is listed. */
import type { Registry } from "./find-command.ts";

export const registry: Registry = {
  "eval rouge": () => import("./commands/eval-rouge.ts"),
  doctor: () => import("./commands/doctor.ts"),
};
