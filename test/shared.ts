/** Where real data and golden values lie beside a checkout; tests that need them skip with a reason where they do not. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const SHARED = join(import.meta.dirname, "../../shared/data");

export const hasShared = existsSync(SHARED);

export function sharedPath(name: string): string {
  return join(SHARED, name);
}

export function readShared<T>(name: string): T {
  return JSON.parse(readFileSync(sharedPath(name), "utf8")) as T;
}
