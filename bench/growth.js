/** How the cost of a training step grows: with examples, length, responses and parameters, beside the machine's roof. */
import { join } from "node:path";
import { measureOurs } from "./measure.js";
import { benchmarkGroups, writeInputs } from "./setting.js";

const BASE = { millions: 15, examples: 8, count: 4, length: 64 };
const STEPS = {
  examples: [2, 4, 8, 16, 32],
  /** Of the prompt and of each response, in tokens. */
  length: [16, 32, 64, 128, 256],
  count: [1, 2, 4, 8, 16],
  millions: [2, 15, 42, 135],
};

/**
 * For each axis, one row a step: what was varied, seconds, the linear layers' seconds at the roof, peak of memory. The roof is
 * measured again after each axis: that of a machine that others use too changes within minutes.
 */
export function benchGrowth(work, peak) {
  const models = new Map();
  const model = (millions) => {
    const folder = join(work, `growth-${millions}`);
    if (!models.has(millions))
      models.set(millions, measureOurs("write-model.js", millions, folder).vocabulary);
    return { folder, vocabulary: models.get(millions) };
  };
  const rows = (axis) =>
    STEPS[axis].map((value) => {
      const { millions, ...shape } = { ...BASE, [axis]: value };
      const { folder, vocabulary } = model(millions);
      const { groups } = writeInputs(join(work, "growth"), {
        groups: benchmarkGroups(equalLengths(shape), vocabulary),
      });
      const { seconds, tokens, linearFlops, peakGigabytes } = measureOurs(
        "train.js",
        folder,
        groups,
        "packed",
        2,
      );
      return { [axis]: value, seconds, linearFlops, tokens, peakGigabytes };
    });
  let roofFlops = peak;
  const measured = Object.keys(STEPS).map((axis) => {
    const found = rows(axis);
    roofFlops = Math.max(roofFlops, measureOurs("matmul-peak.js").flops);
    return [axis, found];
  });
  const withRoof = ({ linearFlops, ...row }) => ({ ...row, roofSeconds: linearFlops / roofFlops });
  const axes = measured.map(([axis, found]) => [axis, found.map(withRoof)]);
  return { base: BASE, roofFlops, ...Object.fromEntries(axes) };
}

function equalLengths({ examples, count, length }) {
  const list = { prompt: length, responses: Array.from({ length: count }, () => length) };
  return Array.from({ length: examples }, () => list);
}
