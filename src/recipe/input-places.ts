/** The places of inputs among a stage's settings: `data`, or `data.0`, `data.1` where the setting is a list of paths. */
import type { Settings } from "./recipe.ts";

/** The places of a setting. */
export function placesOf(settings: Settings, key: string): string[] {
  const value = settings[key];
  return Array.isArray(value) ? value.map((_, index) => `${key}.${index}`) : [key];
}

/** The settings with other paths, by their places. */
export function withPaths(settings: Settings, paths: Readonly<Record<string, string>>): Settings {
  const replaced = Object.entries(settings).map(([key, value]) => [
    key,
    Array.isArray(value)
      ? value.map((each: unknown, index) => paths[`${key}.${index}`] ?? each)
      : (paths[key] ?? value),
  ]);
  return Object.fromEntries(replaced) as Settings;
}

/** What stands at a place. */
export function settingAt(settings: Settings, place: string): unknown {
  const [name, index] = place.split(".") as [string, string?];
  const value = settings[name];
  return index !== undefined && Array.isArray(value) ? (value[Number(index)] as unknown) : value;
}
