/** Models of the Hugging Face hub and adapters of such models, in the cache that Python's libraries share. */
export { type AdapterBase, adapterBase, adapterInCircle, withoutBase } from "./adapter.ts";
export { type DownloadOptions, downloadModel } from "./download.ts";
export { type Origin, snapshotOrigin } from "./origin.ts";
export {
  PATIENCE,
  type Patience,
  Setback,
  isConnectionLost,
  pauseAskedFor,
  persistently,
  reasonOf,
} from "./persistence.ts";
export { pinAdapter, pinOf } from "./pinned-adapter.ts";
export {
  type HubReference,
  formatHubReference,
  hubReference,
  isExplicitReference,
  parseHubReference,
} from "./reference.ts";
export { type HubSettings, hubSettings } from "./settings.ts";
