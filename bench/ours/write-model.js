/** `node write-model.js MILLIONS FOLDER`: a model of about that many parameters. */
import { writeModel } from "../setting.js";
import { report } from "./report.js";

const [millions, folder] = process.argv.slice(2);
report({ vocabulary: writeModel(millions, folder) });
