/** Numbers of bytes for people: 12.3 kB, 340 MB, 1.20 GB. */
export function bytesInWords(bytes: number): string {
  if (bytes >= 1e9) return `${threeDigits(bytes / 1e9)} GB`;
  return bytes >= 1e6 ? `${threeDigits(bytes / 1e6)} MB` : `${threeDigits(bytes / 1e3)} kB`;
}

function threeDigits(count: number): string {
  return count.toFixed(count >= 100 ? 0 : count >= 10 ? 1 : 2);
}
