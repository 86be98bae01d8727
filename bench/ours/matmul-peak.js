/**
 * `node matmul-peak.js`: the machine's matrix-product rate as ONNX Runtime reaches it, in FLOP/s: the roof that training is
 * held against. The best over a few shapes, weights packed once.
 */
import { measureProductRate } from "../../dist/train/product-rate.js";
import { report } from "./report.js";

const SHAPES = [
  { rows: 1024, inner: 1024, columns: 1024 },
  { rows: 2048, inner: 576, columns: 1536 },
  { rows: 2048, inner: 288, columns: 768 },
];

const rates = [];
for (const shape of SHAPES) rates.push(await measureProductRate({ shape, repeats: 5 }));
report({ flops: Math.max(...rates) });
