/**
 * The win rate that two models of equally long answers would have: what of a preference follows the length of the answers is
 * estimated, and taken away.
 *
 * The idea is that of length-controlled AlpacaEval (Y. Dubois, B. Galambosi, P. Liang and T. Hashimoto, 2024): a logistic
 * regression of the preference for answer 1 on who wrote it and on the difference in length,
 *
 *     P(answer 1 is preferred on question i) = logistic(theta + phi * x_i),
 *     x_i = tanh((length of answer 1 - length of answer 2) / sigma), sigma their standard deviation over the questions,
 *
 * read off at x = 0: the length-controlled win rate is 100 logistic(theta). AlpacaEval adds a third term, how hard each
 * instruction is for the model, whose difficulties it estimates from all models of its leaderboard together. One pair of models
 * cannot tell difficulty from preference, so that term is left out here, and the two figures are not the same.
 */

export interface ComparedPair {
  /** 1 where answer 1 is preferred, 0 where answer 2 is, 0.5 for a tie. */
  readonly preference: number;
  /** Of answer 1 minus that of answer 2, in characters. */
  readonly lengthDifference: number;
}

export interface LengthControl {
  /** In percent. */
  readonly winRate: number;
  /** phi: above 0, longer answers are preferred. */
  readonly lengthEffect: number;
}

/** Undefined without pairs. */
export function controlLength(pairs: readonly ComparedPair[]): LengthControl | undefined {
  if (pairs.length === 0) return undefined;
  const { theta, phi } = fitLogistic(toPoints(pairs));
  return { winRate: 100 * logistic(theta), lengthEffect: phi };
}

/** One pair in the units of the regression. */
export interface RegressionPoint {
  readonly y: number;
  readonly x: number;
}

export interface Coefficients {
  readonly theta: number;
  readonly phi: number;
}

function toPoints(pairs: readonly ComparedPair[]): RegressionPoint[] {
  const mean = pairs.reduce((sum, { lengthDifference }) => sum + lengthDifference, 0) / pairs.length;
  const variance =
    pairs.reduce((sum, { lengthDifference }) => sum + (lengthDifference - mean) ** 2, 0) / pairs.length;
  const sigma = Math.sqrt(variance);
  return pairs.map(({ preference, lengthDifference }) => ({
    y: preference,
    // Where all differ by the same, length explains nothing that the models do not.
    x: sigma === 0 ? 0 : Math.tanh(lengthDifference / sigma),
  }));
}

/** So small that it moves a win rate of 80 questions by less than a tenth of a point, and keeps it finite where one side wins all. */
const RIDGE = 0.01;

/** The sum of the cross-entropies plus the ridge (theta^2 + phi^2) RIDGE / 2, and its gradient. */
export function logisticLoss(
  points: readonly RegressionPoint[],
  { theta, phi }: Coefficients,
): { loss: number; gradient: Coefficients } {
  let loss = (RIDGE / 2) * (theta ** 2 + phi ** 2);
  const gradient = { theta: RIDGE * theta, phi: RIDGE * phi };
  for (const { y, x } of points) {
    const z = theta + phi * x;
    // log(1 + exp(z)) - y z, without overflow.
    loss += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - y * z;
    gradient.theta += logistic(z) - y;
    gradient.phi += (logistic(z) - y) * x;
  }
  return { loss, gradient };
}

/** The minimum, by Newton's steps, halved where a whole one goes too far. The loss is strictly convex. */
export function fitLogistic(points: readonly RegressionPoint[]): Coefficients {
  const MOST_STEPS = 100;
  let at: Coefficients = { theta: 0, phi: 0 };
  for (let step = 0; step < MOST_STEPS; step++) {
    const { loss, gradient } = logisticLoss(points, at);
    const direction = newtonDirection(points, at, gradient);
    const slope = gradient.theta * direction.theta + gradient.phi * direction.phi;
    if (-slope < 1e-12) return at;
    let size = 1;
    const next = (): Coefficients => ({
      theta: at.theta + size * direction.theta,
      phi: at.phi + size * direction.phi,
    });
    while (size > 1e-6 && logisticLoss(points, next()).loss > loss + 0.25 * size * slope) size /= 2;
    at = next();
  }
  return at;
}

/** The gradient, turned by the inverse of the 2 x 2 matrix of second derivatives, and its sign. */
function newtonDirection(
  points: readonly RegressionPoint[],
  { theta, phi }: Coefficients,
  gradient: Coefficients,
): Coefficients {
  let [a, b, d] = [RIDGE, 0, RIDGE];
  for (const { x } of points) {
    const p = logistic(theta + phi * x);
    const weight = p * (1 - p);
    a += weight;
    b += weight * x;
    d += weight * x * x;
  }
  const determinant = a * d - b * b;
  return {
    theta: -(d * gradient.theta - b * gradient.phi) / determinant,
    phi: -(a * gradient.phi - b * gradient.theta) / determinant,
  };
}

function logistic(z: number): number {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
}
