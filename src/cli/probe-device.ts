/**
 * A program of its own, `node probe-device.js DEVICE`: writes what is missing there (empty where nothing is) to stdout as
 * JSON. A driver may end its whole process, so the doctor does not ask in its own.
 */
import { UserError } from "../errors.ts";
import { type Device, checkDevice } from "../graph/index.ts";

const missing = await checkDevice(process.argv[2] as Device).then(
  () => "",
  (error: unknown) =>
    error instanceof UserError ? String(error.facts["missing"]) : (error as Error).message,
);
process.stdout.write(JSON.stringify({ missing }));
