/** How a measured script answers: one line of JSON on stdout, with the most memory that its process ever held. */
export function report(figures) {
  console.log(JSON.stringify({ ...figures, peakGigabytes: (process.resourceUsage().maxRSS * 1024) / 1e9 }));
}

/** The result and the seconds of the fastest of `repeats` calls. */
export async function fastest(repeats, work) {
  let seconds = Infinity;
  let result;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const start = performance.now();
    result = await work();
    seconds = Math.min(seconds, (performance.now() - start) / 1000);
  }
  return { seconds, result };
}
