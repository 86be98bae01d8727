/** Where the hub and its cache are, by the environment variables that Python's `huggingface_hub` reads. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { UserError } from "../errors.ts";

export interface HubSettings {
  /** Without a slash at its end. */
  readonly endpoint: string;
  /** The folder that is shared with Python: `models--owner--name/{blobs,refs,snapshots}`. */
  readonly cache: string;
  /** Where libraries keep what they make of the cache, each in a folder of its name. */
  readonly assets: string;
  /** Never part of a message. */
  readonly token: string | undefined;
  /** Only the cache is used. */
  readonly offline: boolean;
}

export function hubSettings(env: NodeJS.ProcessEnv): HubSettings {
  const home =
    folder(env["HF_HOME"]) ?? join(folder(env["XDG_CACHE_HOME"]) ?? inHome(".cache"), "huggingface");
  return {
    endpoint: endpointOf(env),
    cache: folder(env["HF_HUB_CACHE"]) ?? folder(env["HUGGINGFACE_HUB_CACHE"]) ?? join(home, "hub"),
    assets: folder(env["HF_ASSETS_CACHE"]) ?? join(home, "assets"),
    token: tokenOf(env, home),
    offline: isTrue(env["HF_HUB_OFFLINE"] || env["TRANSFORMERS_OFFLINE"]),
  };
}

function endpointOf({ HF_ENDPOINT: given }: NodeJS.ProcessEnv): string {
  const endpoint = (given || "https://huggingface.co").replace(/\/+$/, "");
  if (/^https?:\/\//.test(endpoint) && URL.canParse(endpoint)) return endpoint;
  throw new UserError(`HF_ENDPOINT: expected an address such as https://huggingface.co, came "${given}".`, {
    code: "hub-endpoint-invalid",
  });
}

/** The variable, or the file that `hf auth login` writes. */
function tokenOf(env: NodeJS.ProcessEnv, home: string): string | undefined {
  const given = (env["HF_TOKEN"] || env["HUGGING_FACE_HUB_TOKEN"])?.trim();
  if (given) return given;
  if (isTrue(env["HF_HUB_DISABLE_IMPLICIT_TOKEN"])) return undefined;
  try {
    return readFileSync(folder(env["HF_TOKEN_PATH"]) ?? join(home, "token"), "utf8").trim() || undefined;
  } catch {
    // Most machines have none, and most models need none.
    return undefined;
  }
}

function isTrue(value: string | undefined): boolean {
  return /^(1|on|yes|true)$/i.test(value ?? "");
}

/** Python expands the tilde, which a shell leaves in place where it stands in quotes or in a service's settings. */
function folder(path: string | undefined): string | undefined {
  return path ? path.replace(/^~(?=[/\\]|$)/, homedir()) : undefined;
}

function inHome(name: string): string {
  return join(homedir(), name);
}
