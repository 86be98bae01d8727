/** Numbers of bytes for people. */

export const MEGABYTE = 1e6;

/** 12 kB, 3.4 MB, 1.2 GB. */
export function bytesInWords(bytes: number): string {
  if (bytes >= 1e9) return `${rounded(bytes / 1e9)} GB`;
  return bytes >= MEGABYTE ? `${rounded(bytes / MEGABYTE)} MB` : `${rounded(bytes / 1e3)} kB`;
}

function rounded(count: number): string {
  return count >= 10 ? count.toFixed(0) : count.toFixed(1);
}
