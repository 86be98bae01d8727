/** Where a folder's model comes from, for records. */
import { snapshotAt } from "./cache.ts";
import { pinOf } from "./pinned-adapter.ts";
import type { HubReference } from "./reference.ts";

/** A model of the hub, and its commit. */
export interface Origin extends HubReference {
  /** Of an adapter, the model that it belongs to. */
  readonly base?: HubReference;
}

/** Undefined for what is not of the hub itself, such as an own adapter of a model of the hub. */
export function snapshotOrigin(folder: string): Origin | undefined {
  const pin = pinOf(folder);
  if (pin === undefined) return snapshotAt(folder);
  const origin = snapshotAt(pin.adapter);
  const base = snapshotOrigin(pin.base);
  return origin === undefined || base === undefined ? origin : { ...origin, base };
}
