/** Where and when something was measured. */
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

export function machineNow() {
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model ?? "unknown CPU",
    cores: availableParallelism(),
    memoryGigabytes: Math.round(totalmem() / 1e9),
    node: process.version,
    /** How many processes already wanted a core; figures of a busy machine say little. */
    load: Number(loadavg()[0].toFixed(2)),
  };
}
