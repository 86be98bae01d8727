/** Models of the Hugging Face hub, in the cache that Python's libraries share. */
export { snapshotOrigin } from "./cache.ts";
export { type DownloadOptions, downloadModel } from "./download.ts";
export {
  type HubReference,
  formatHubReference,
  isExplicitReference,
  parseHubReference,
} from "./reference.ts";
export { type HubSettings, hubSettings } from "./settings.ts";
