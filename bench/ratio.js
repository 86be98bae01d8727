/** Ratios of two measurements, for equal work only. */

/** How many times as fast we are, in seconds for the same work; null without the peer's. */
export function ratio(ours, peer) {
  return peer && peer.seconds / ours.seconds;
}

/** Throws where the largest difference between two lists of numbers exceeds the tolerance; returns it. */
export function checkEqual(what, [ours, theirs], tolerance) {
  const differences = ours.map((value, index) => Math.abs(value - theirs[index]));
  const largest = ours.length === theirs.length ? Math.max(...differences) : NaN;
  if (!(largest <= tolerance))
    throw new Error(
      `${what} differs by ${largest}, more than ${tolerance}: the two did not do the same work.`,
    );
  return largest;
}
