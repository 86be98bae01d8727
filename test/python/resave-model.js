/** `node resave-model.js IN OUT`: loads a model folder and saves it as another. */
import { loadModel, saveModel } from "../../dist/model/index.js";

const [input, output] = process.argv.slice(2);
saveModel(loadModel(input), output);
